package dev.caravan.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;

/** The steps of the routes under {@code /observe}; registered as the bean {@code observe}. */
public final class ObserveSteps {

  private final Metrics metrics;
  private final Readiness readiness;
  private final String instance;

  /**
   * @param instance names this process
   */
  public ObserveSteps(Metrics metrics, Readiness readiness, String instance) {
    this.metrics = metrics;
    this.readiness = readiness;
    this.instance = instance;
  }

  /** The process answers, so it lives. */
  public void live(Exchange exchange) {
    Answers.json(exchange, 200, Map.of("status", "UP", "instance", instance));
  }

  public void ready(Exchange exchange) {
    List<String> reasons = readiness.reasons();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("status", reasons.isEmpty() ? "UP" : "DOWN");
    body.put("reasons", reasons);
    Answers.json(exchange, reasons.isEmpty() ? 200 : 503, body);
  }

  public void metrics(Exchange exchange) {
    Answers.send(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape());
  }
}
