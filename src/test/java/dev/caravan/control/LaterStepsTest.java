package dev.caravan.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** What cannot be done yet is refused as such, but only when it is asked for in a proper way. */
class LaterStepsTest {

  private final LaterSteps later = new LaterSteps();

  /** One step. */
  private interface Step {
    void run(Exchange exchange);
  }

  private static void refused(Step step, String path, String body, int status) throws Exception {
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      Exchange exchange = new DefaultExchange(camel);
      exchange.getMessage().setHeader(Exchange.HTTP_PATH, path);
      exchange.getMessage().setHeader("Content-Type", "application/json; charset=utf-8");
      exchange.getMessage().setBody(body);
      assertThatThrownBy(() -> step.run(exchange))
          .as("%s %s", path, body)
          .isInstanceOfSatisfying(
              ApiFault.class, fault -> assertThat(fault.status()).isEqualTo(status))
          .hasMessageNotContaining("Exception");
    }
  }

  @Test
  void aCheckIsChecked() throws Exception {
    refused(later::check, "/api/storage/check", "{\"mode\": \"hash\", \"repair\": true}", 501);
    refused(later::check, "/api/storage/check", "{}", 422);
    refused(later::check, "/api/storage/check", "{\"mode\": \"deep\"}", 422);
  }
}
