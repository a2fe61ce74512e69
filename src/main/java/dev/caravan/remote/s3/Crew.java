package dev.caravan.remote.s3;

import dev.caravan.event.Share;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.s3.ask.Insistence;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Does the pieces of one piece of work, such as the parts of an upload, several at once: on the
 * caller's own thread and on a few shared ones, of which there are a bounded number per remote. The
 * caller never waits for a thread, only for pieces that have begun.
 *
 * <p>A piece that fails for a passing reason goes to the end of the queue, twice at most: one
 * hiccup must not cost the other nine thousand parts. A server that asks to slow down may refuse a
 * piece more often, for what it refuses has nothing to do with the piece; but no more pieces are
 * tried again than were done, and a few. Waiting and giving up are not decided here.
 *
 * <p>Each further hand takes a place of the call's {@link Share}, and each further try one of its
 * tries: a big file asks a remote for no more than small ones may.
 */
final class Crew implements AutoCloseable {

  private static final int TRIES = 3;
  private static final int TRIES_REFUSED = 8;
  private static final int AGAIN_AT_FIRST = 8;
  private static final int WAITING_HANDS = 256;

  private final ThreadPoolExecutor pool;

  Crew(String name, int threads) {
    AtomicInteger number = new AtomicInteger();
    pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING_HANDS),
            work -> {
              Thread thread = new Thread(work, "s3-" + name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
  }

  /** One of many. */
  interface Piece {
    void work(int index) throws RemoteException, IOException;
  }

  /**
   * Returns once all pieces are done, or throws the first failure once none is under way any more.
   *
   * @param hands how many at once, the caller included
   */
  void work(int pieces, int hands, Piece piece) throws RemoteException, IOException {
    Shift shift = new Shift(pieces, Math.min(hands, pieces) - 1, piece);
    do {
      shift.lead(pool);
    } while (shift.isAnyLeft());
    shift.end();
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }

  private record Turn(int index, int tries) {}

  private static final class Shift implements Runnable {
    private final Piece piece;
    private final Share share = Share.ofThisCall();
    private final Deque<Turn> waiting = new ArrayDeque<>();
    private final int pieces;
    private final int helpersMost;
    private int helpers;
    private int next;
    private int busy;
    private int done;
    private int again;
    private @Nullable Throwable failure;

    Shift(int pieces, int helpersMost, Piece piece) {
      this.pieces = pieces;
      this.helpersMost = helpersMost;
      this.piece = piece;
    }

    /** The caller's own hand: it gets others whenever there is a place for one. */
    void lead(ThreadPoolExecutor pool) {
      recruit(pool);
      for (Turn turn = take(); turn != null; turn = take()) {
        work(turn);
        recruit(pool);
      }
    }

    private void recruit(ThreadPoolExecutor pool) {
      while (wantsHelper() && share.takePlace()) {
        helpers(1);
        try {
          pool.execute(this);
        } catch (RejectedExecutionException e) {
          // Everyone is busy, or the remote is being closed: fewer hands do it as well.
          leave();
          return;
        }
      }
    }

    private synchronized boolean wantsHelper() {
      return helpers < helpersMost && failure == null && next < pieces;
    }

    private synchronized void helpers(int by) {
      helpers += by;
    }

    private void leave() {
      helpers(-1);
      share.givePlace();
    }

    @Override
    public void run() {
      Share before = Share.set(share);
      try {
        Turn turn = take();
        while (turn != null) {
          work(turn);
          turn = share.isCrowded() ? null : take();
        }
      } finally {
        Share.set(before);
        leave();
      }
    }

    private void work(Turn turn) {
      Throwable thrown = null;
      try {
        piece.work(turn.index());
      } catch (Throwable t) {
        // Even an OutOfMemoryError must reach the caller, who would wait for ever otherwise.
        thrown = t;
      }
      if (thrown == null) {
        share.answered(false);
      } else if (thrown instanceof RemoteException e && e.reason().isTransient()) {
        share.answered(true);
      }
      boolean mayAgain = !(thrown instanceof RemoteException e) || Insistence.await(e);
      done(turn, thrown, mayAgain);
    }

    private synchronized @Nullable Turn take() {
      if (failure != null || (next >= pieces && waiting.isEmpty())) {
        return null;
      }
      busy++;
      return next < pieces ? new Turn(next++, 1) : waiting.removeFirst();
    }

    private synchronized void done(Turn turn, @Nullable Throwable thrown, boolean mayAgain) {
      busy--;
      done += thrown == null ? 1 : 0;
      if (thrown instanceof RemoteException e && mayAgain && mayTryAgain(turn, e.reason())) {
        again++;
        waiting.addLast(new Turn(turn.index(), turn.tries() + 1));
      } else if (thrown != null && failure == null) {
        failure = thrown;
      }
      notifyAll();
    }

    private boolean mayTryAgain(Turn turn, RemoteException.Cause reason) {
      int tries = reason == RemoteException.Cause.THROTTLED ? TRIES_REFUSED : TRIES;
      return reason.isTransient()
          && turn.tries() < tries
          && again < AGAIN_AT_FIRST + done
          && share.again();
    }

    /** Waits for the others; a hand that left may have left a piece to be tried again. */
    boolean isAnyLeft() {
      if (await() != null) {
        return false;
      }
      synchronized (this) {
        return !waiting.isEmpty();
      }
    }

    void end() throws RemoteException, IOException {
      Throwable thrown = await();
      if (thrown instanceof RemoteException e) {
        throw e;
      }
      if (thrown instanceof IOException e) {
        throw e;
      }
      if (thrown instanceof Error e) {
        throw e;
      }
      if (thrown != null) {
        throw new IllegalStateException(thrown);
      }
    }

    private @Nullable Throwable await() {
      boolean interrupted = false;
      synchronized (this) {
        while (busy > 0) {
          try {
            wait();
          } catch (InterruptedException e) {
            // Pieces under way still read the caller's file; they end soon, or are broken off.
            interrupted = true;
          }
        }
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        return failure;
      }
    }
  }
}
