package dev.caravan;

import dev.caravan.event.Event;
import dev.caravan.event.EventBus;
import dev.caravan.event.EventFollower;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands every event to {@code direct:on-event}, one after the other, on a thread of its own. A hook
 * that is too slow, or fails again and again, costs events and never a transfer.
 */
final class CamelEvents implements AutoCloseable {

  private static final String HOOK = "direct:on-event";

  /** After so many failures in a row the hook is left alone for a while. */
  private static final int FAILURES_MAX = 10;

  private static final Duration REST = Duration.ofMinutes(1);
  private static final Logger LOG = LoggerFactory.getLogger("caravan.events");

  private final ProducerTemplate producer;
  private final Clock clock;
  private final Counter dropped;
  private final EventFollower follower;
  private int failures;
  private long restsUntilMillis;
  private long saidMillis;

  CamelEvents(CamelContext context, EventBus events, MeterRegistry meters, Clock clock) {
    this.producer = context.createProducerTemplate();
    this.clock = clock;
    this.dropped =
        Counter.builder("caravan_hook_events_dropped")
            .description("Events that direct:on-event was too slow for, or failed on")
            .register(meters);
    this.follower = new EventFollower(events, "on-event", this::hand, this::lost);
  }

  private void hand(Event event) {
    if (clock.millis() < restsUntilMillis) {
      dropped.increment();
      return;
    }
    Exchange answer = producer.send(HOOK, exchange -> fill(exchange.getMessage(), event));
    Optional<Exception> fault = Optional.ofNullable(answer.getException());
    if (fault.isEmpty()) {
      failures = 0;
      return;
    }
    dropped.increment();
    failures++;
    if (failures == FAILURES_MAX) {
      failures = 0;
      restsUntilMillis = clock.millis() + REST.toMillis();
      LOG.warn(
          "{} has failed {} times in a row ({}): it is told of nothing for {} s",
          HOOK,
          FAILURES_MAX,
          fault.get().toString(),
          REST.toSeconds());
    }
  }

  private static void fill(Message message, Event event) {
    message.setBody(event.fields());
    message.setHeader("CamelCaravanEvent", event.kind());
    message.setHeader("CamelCaravanEventId", event.id());
    event.run().ifPresent(run -> message.setHeader("CamelCaravanRunId", run.value()));
  }

  private void lost(long events) {
    dropped.increment(events);
    long now = clock.millis();
    if (now - saidMillis >= REST.toMillis()) {
      saidMillis = now;
      LOG.warn(
          "{} is too slow: {} events were not handed to it (all of them are counted in"
              + " caravan_hook_events_dropped_total)",
          HOOK,
          events);
    }
  }

  @Override
  public void close() {
    follower.close();
  }
}
