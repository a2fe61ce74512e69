package dev.caravan.alert;

import dev.caravan.alert.Message.Channel;
import dev.caravan.catalog.Catalog;
import dev.caravan.config.AlertSettings;
import dev.caravan.event.Event;
import dev.caravan.event.EventBus;
import dev.caravan.event.EventContent;
import dev.caravan.event.Operation;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Tells people and watchdogs how runs end. What is to be told is in the catalog before anybody is
 * told of it, so a crash in between costs nothing: the next start goes on.
 */
public final class Alerts implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.alerts");
  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(10);

  /** A night's sleep for the receiver: the last try is some 19 hours after the first. */
  private static final Courier.Patience PEOPLE =
      new Courier.Patience(Duration.ofSeconds(2), Duration.ofHours(1), 30);

  /** A watchdog has made up its mind by then: the last try is half an hour after the first. */
  private static final Courier.Patience WATCHDOG =
      new Courier.Patience(Duration.ofSeconds(2), Duration.ofMinutes(10), 11);

  /** Calls {@code direct:notify} and returns once its route has ended. */
  public interface Notify {
    /**
     * @return why the route failed; empty when it did not
     */
    Optional<String> send(Map<String, Object> alert, String kind);
  }

  private final AlertSettings settings;
  private final Path store;
  private final Outbox outbox;
  private final AlertSteps steps;
  private final Courier people;
  private final Courier watchdog;
  private final EventBus events;
  private Optional<AlertPolicy> policy = Optional.empty();
  private volatile Runnable deaf = () -> {};

  /**
   * @param store the store's path, for people
   */
  public Alerts(
      AlertSettings settings, Path store, Catalog catalog, Told told, Notify notify, Clock clock) {
    this.settings = settings;
    this.store = store;
    this.outbox = new Outbox(catalog);
    this.events = told.events();
    Web web = new Web(REQUEST_LIMIT);
    Ping ping = new Ping(settings, web);
    Courier.Account account = new Counters(told.meters());
    this.steps = new AlertSteps(new Webhook(settings, web, clock));
    this.people =
        new Courier(
            Channel.NOTIFY, outbox, message -> notify(notify, message), account, PEOPLE, clock);
    this.watchdog = new Courier(Channel.PING, outbox, ping::send, account, WATCHDOG, clock);
  }

  /** Where alerts learn that there is news, and where they are counted. */
  public record Told(EventBus events, MeterRegistry meters) {}

  private record Counters(MeterRegistry meters) implements Courier.Account {

    @Override
    public void delivered(Channel channel) {
      count(channel, "delivered");
    }

    @Override
    public void failed(Channel channel) {
      count(channel, "failed");
    }

    @Override
    public void givenUp(Channel channel) {
      count(channel, "given_up");
    }

    private void count(Channel channel, String outcome) {
      Counter.builder("caravan_alert_messages")
          .description("Alerts and pings by what became of each try")
          .tags("channel", channel.label(), "outcome", outcome)
          .register(meters)
          .increment();
    }
  }

  /** How often runs failed in a row, by operation; those that ran well are missing or 0. */
  public Map<String, Integer> streaks() {
    return outbox.streaks();
  }

  private static void notify(Notify notify, Message message) throws DeliveryException {
    Optional<String> fault = notify.send(message.body(), message.kind().label());
    if (fault.isPresent()) {
      throw new DeliveryException(fault.get());
    }
  }

  /** What the routes call as the bean {@code alerts}. */
  public AlertSteps steps() {
    return steps;
  }

  /**
   * Puts on record what people are to hear of beside how runs end; returns once that has reached
   * the disk. It is told as the others are: in its turn, and until it has arrived.
   *
   * @param alert what they are told, by name: {@code id}, the same each time it is told, {@code
   *     kind} and {@code operation} must be there
   */
  public void raise(Map<String, Object> alert) {
    outbox.put(
        new Message(
            String.valueOf(alert.get("id")),
            Channel.NOTIFY,
            Message.Kind.of(String.valueOf(alert.get("kind"))),
            Operation.valueOf(String.valueOf(alert.get("operation")).toUpperCase(Locale.ROOT)),
            alert));
    people.wake();
  }

  /** Begins to tell; what a dead process left is told first. */
  public void start() {
    if (settings.pingUrl().isEmpty()) {
      outbox.forgetPings();
    }
    deaf = events.listen(this::published);
    people.start(this::plan);
    watchdog.start(this::plan);
  }

  private void published(Event event) {
    if (event.content() instanceof EventContent.Status) {
      people.wake();
      watchdog.wake();
    }
  }

  /** Turns news into messages; either courier may do it, but not both at once. */
  private synchronized void plan() {
    AlertPolicy known = policy.orElseGet(this::policy);
    policy = Optional.of(known);
    List<Message> planned = outbox.plan(known);
    planned.forEach(Alerts::log);
    if (planned.stream().anyMatch(message -> message.channel() == Channel.NOTIFY)) {
      people.wake();
    }
    if (planned.stream().anyMatch(message -> message.channel() == Channel.PING)) {
      watchdog.wake();
    }
  }

  /** With the run that it is about, as the lines of that run. */
  private static void log(Message message) {
    try (MDC.MDCCloseable run = MDC.putCloseable("run_id", (String) message.body().get("run_id"))) {
      switch (message.kind()) {
        case FAILING, HALTED, ARCHIVE_GIVEN_UP, ARCHIVE_BLOCKED ->
            LOG.warn("Alert: {}", message.body().get("text"));
        case RECOVERED -> LOG.info("Alert: {}", message.body().get("text"));
        case START, SUCCESS, FAIL -> LOG.debug("Ping {}", message.id());
      }
    }
  }

  /** Asked on a courier's thread, for a name server may take its time. */
  private AlertPolicy policy() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "an unnamed host";
    }
    return new AlertPolicy(
        settings.maxConsecutiveErrors(), settings.pingUrl().isPresent(), host, store.toString());
  }

  /** True when everything was told, or tried at least. */
  public boolean isTried() {
    return outbox.isTried();
  }

  @Override
  public void close() {
    deaf.run();
    people.close();
    watchdog.close();
  }
}
