package dev.caravan.alert;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the messages of one channel, in their order, one at a time. A message that does not
 * arrive is tried again, after longer and longer waits, and keeps the later ones waiting, so that
 * "it works again" never comes before "it fails".
 */
final class Courier implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.alerts");
  private static final Duration IDLE = Duration.ofMinutes(10);
  private static final Duration REST = Duration.ofSeconds(30);

  /** Brings a message to its receiver. */
  interface Delivery {
    void send(Message message) throws DeliveryException, InterruptedException;
  }

  /** Is told what became of each try. */
  interface Account {
    void delivered(Message.Channel channel);

    void failed(Message.Channel channel);

    void givenUp(Message.Channel channel);
  }

  /**
   * How long to wait after a failure, doubling each time, and how often to try.
   *
   * @param ceiling no wait is longer
   */
  record Patience(Duration first, Duration ceiling, int tries) {

    Duration after(int attempts) {
      long factor = 1L << Math.min(attempts - 1, 30);
      Duration wait = first.multipliedBy(factor);
      return wait.compareTo(ceiling) < 0 ? wait : ceiling;
    }
  }

  private final Message.Channel channel;
  private final Outbox outbox;
  private final Delivery delivery;
  private final Account account;
  private final Patience patience;
  private final Clock clock;
  private final Semaphore due = new Semaphore(1);
  private volatile boolean closed;
  private Optional<Thread> thread = Optional.empty();

  Courier(
      Message.Channel channel,
      Outbox outbox,
      Delivery delivery,
      Account account,
      Patience patience,
      Clock clock) {
    this.channel = channel;
    this.outbox = outbox;
    this.delivery = delivery;
    this.account = account;
    this.patience = patience;
    this.clock = clock;
  }

  /**
   * Begins to carry.
   *
   * @param before is done each time before the courier looks what there is to carry
   */
  void start(Runnable before) {
    Thread started = new Thread(() -> work(before), "alerts-" + channel.label());
    started.setDaemon(true);
    thread = Optional.of(started);
    started.start();
  }

  /** Says that there may be something to carry. */
  void wake() {
    if (due.availablePermits() == 0) {
      due.release();
    }
  }

  private void work(Runnable before) {
    try {
      while (!closed) {
        Duration wait = IDLE;
        if (due.tryAcquire()) {
          due.drainPermits();
        }
        try {
          before.run();
          wait = carry();
        } catch (RuntimeException e) {
          // Whatever it was: a courier that ends here would never tell anybody anything again.
          if (!closed) {
            LOG.error("Alerts stop for {} s: {}", REST.toSeconds(), e.toString());
            LOG.debug("Alerts stop", e);
          }
          wait = REST;
        }
        if (due.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS)) {
          due.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Carries what is due; answers how long nothing more will be. */
  Duration carry() throws InterruptedException {
    while (!closed) {
      Optional<Outbox.Waiting> next = outbox.findNext(channel);
      if (next.isEmpty()) {
        return IDLE;
      }
      Duration wait = Duration.ofMillis(next.get().retryAtMillis() - clock.millis());
      if (!wait.isNegative() && !wait.isZero()) {
        // A clock that was set back must not silence alerts for long.
        return wait.compareTo(patience.ceiling()) < 0 ? wait : patience.ceiling();
      }
      carry(next.get());
    }
    return IDLE;
  }

  private void carry(Outbox.Waiting waiting) throws InterruptedException {
    try {
      delivery.send(waiting.message());
      outbox.forget(waiting);
      account.delivered(channel);
      LOG.debug("{} arrived", waiting.message().id());
    } catch (DeliveryException e) {
      failed(waiting, String.valueOf(e.getMessage()));
    }
  }

  private void failed(Outbox.Waiting waiting, String why) {
    int attempts = waiting.attempts() + 1;
    String id = waiting.message().id();
    if (attempts >= patience.tries()) {
      outbox.forget(waiting);
      account.givenUp(channel);
      LOG.error("Message {} is given up after {} tries: {}", id, attempts, why);
      return;
    }
    Duration wait = patience.after(attempts);
    outbox.recordFailure(waiting, clock.millis() + wait.toMillis());
    account.failed(channel);
    if (attempts == 1) {
      LOG.warn("Message {} did not arrive and is tried again: {}", id, why);
    } else {
      LOG.debug("Message {} did not arrive at try {}: {}", id, attempts, why);
    }
  }

  /** Ends; what is under way is cut off, and is sent again at the next start. */
  @Override
  public void close() {
    closed = true;
    wake();
    thread.ifPresent(
        running -> {
          running.interrupt();
          try {
            running.join(1_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
