package dev.caravan.control;

import dev.caravan.event.EventBus;
import dev.caravan.event.RunId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One listener at the other end of a line. It reads from the bus at its own pace; all its methods
 * but {@link #wake} run on the event loop of its connection.
 */
final class EventClient {

  private static final int QUEUE_MAX_BYTES = 256 << 10;

  /** How long a listener may take nothing at all while there is something to take. */
  private static final long STALLED_MILLIS = 30_000;

  /** How long the last words may take. */
  private static final long LAST_WORDS_MILLIS = 2_000;

  /** What the listeners share. */
  interface Shared {
    EventPortion read(long after, Optional<RunId> only, int most);

    long millis();

    void dropped(String reason);

    /** It is told of nothing more; its place is free, whenever its line ends. */
    void gaveUp(EventClient client);
  }

  private final Shared shared;
  private final Vertx vertx;
  private final Context context;
  private final HttpServerResponse response;
  private final Runnable cut;
  private final Optional<RunId> only;
  private long after;
  private long fullSince;
  private final AtomicBoolean left = new AtomicBoolean();
  private boolean ended;

  /**
   * @param cut closes the line at once, whatever was not taken yet
   */
  EventClient(
      Shared shared, Vertx vertx, HttpServerResponse response, Runnable cut, Optional<RunId> only) {
    this.shared = shared;
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.response = response;
    this.cut = cut;
    this.only = only;
  }

  /** Begins to tell. */
  void begin(EventBus bus, OptionalLong known) {
    response.setWriteQueueMaxSize(QUEUE_MAX_BYTES);
    response.drainHandler(nothing -> drain());
    response.write("retry: 2000\n: listening\n\n");
    EventBus.Place place = bus.find(known);
    after = place.after();
    if (place.lost()) {
      response.write(
          ": lost: what happened before event " + (after + 1) + " is no longer held\n\n");
    }
    drain();
  }

  /** Says from any thread that there may be something to tell. */
  void wake() {
    context.runOnContext(nothing -> drain());
  }

  private void drain() {
    while (!ended) {
      boolean full = isFull();
      EventPortion portion = shared.read(after, only, full ? 0 : EventPortion.EVENTS_MAX);
      if (portion.lost()) {
        drop("it reads more slowly than events come");
        return;
      }
      if (full || portion.last() == after) {
        return;
      }
      after = portion.last();
      if (portion.frames().length() > 0) {
        response.write(portion.frames());
      }
    }
  }

  private boolean isFull() {
    if (!response.writeQueueFull()) {
      fullSince = 0;
      return false;
    }
    if (fullSince == 0) {
      fullSince = shared.millis();
    }
    return true;
  }

  /** Keeps the line open, or gives a listener up who takes nothing. */
  void beat() {
    context.runOnContext(
        nothing -> {
          if (ended) {
            return;
          }
          if (!isFull()) {
            response.write(":\n\n");
          } else if (shared.millis() - fullSince >= STALLED_MILLIS) {
            drop("it takes nothing any more");
          }
        });
  }

  private void drop(String reason) {
    shared.dropped(reason);
    end("dropped: " + reason + "; come back with Last-Event-ID");
  }

  /** Says why, ends the answer, and cuts the line if that is not taken soon. */
  private void end(String reason) {
    if (ended || response.ended() || response.closed()) {
      return;
    }
    ended = true;
    Future<Void> taken = response.write(": " + reason + "\n\n").compose(done -> response.end());
    vertx.setTimer(
        LAST_WORDS_MILLIS,
        timer -> {
          if (!taken.isComplete()) {
            cut.run();
            shared.gaveUp(this);
          }
        });
  }

  /** Ends from any thread. */
  void stop(String reason) {
    context.runOnContext(nothing -> end(reason));
  }

  /** True the first time: who leaves frees one place. */
  boolean leave() {
    return !left.getAndSet(true);
  }

  /** The line is gone. */
  void gone() {
    ended = true;
  }
}
