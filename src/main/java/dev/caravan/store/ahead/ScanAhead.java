package dev.caravan.store.ahead;

import dev.caravan.event.Ahead;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.ScanEntry;
import dev.caravan.store.StoreCursor;
import dev.caravan.store.StoreScan;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Walks a store on a thread of its own, a few hundred entries ahead of who asks for them: who
 * compares them has as much to do as the walk. Everything is told in the order of the walk, on the
 * thread that asks. For one thread.
 */
public final class ScanAhead implements StoreCursor {

  /** What the walk tells besides entries, until the next of those. Only its thread uses this. */
  private final Queue<Seen> told = new ArrayDeque<>();

  private final StoreCursor cursor;
  private final Ahead<Seen> ahead;
  private boolean ended;

  private sealed interface Seen {}

  /** An entry; the end when there is none. */
  private record Entry(Optional<ScanEntry> found) implements Seen {}

  private record Told(Runnable listener) implements Seen {}

  private record Fault(Throwable why) implements Seen {}

  /**
   * Begins a walk of all files.
   *
   * @param temporaries as {@link StoreScan#open(Consumer)} has it
   * @param folders as {@link StoreScan#open(Consumer, Consumer)} has it
   * @throws dev.caravan.store.StoreMissingException when the root is not there or cannot be read
   */
  public ScanAhead(StoreScan scan, Consumer<StorePath> temporaries, Consumer<FileStat> folders) {
    this.cursor =
        scan.open(
            path -> told.add(new Told(() -> temporaries.accept(path))),
            folder -> told.add(new Told(() -> folders.accept(folder))));
    this.ahead = new Ahead<>("scan", this::walk);
  }

  /**
   * The next entry; empty at the end.
   *
   * @throws dev.caravan.store.StoreMissingException when the root went away
   */
  @Override
  public Optional<ScanEntry> next() {
    while (!ended) {
      Seen next = take();
      if (next instanceof Told told) {
        told.listener().run();
      } else if (next instanceof Entry entry) {
        ended = entry.found().isEmpty();
        return entry.found();
      } else if (next instanceof Fault fault) {
        ended = true;
        throw asThrown(fault.why());
      }
    }
    return Optional.empty();
  }

  /** Who asks waits for the disk, as it would without this thread: no interrupt ends that. */
  private Seen take() {
    boolean interrupted = false;
    while (true) {
      try {
        Seen next = ahead.take();
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        return next;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  private static RuntimeException asThrown(Throwable why) {
    if (why instanceof Error error) {
      throw error;
    }
    return (RuntimeException) why;
  }

  private void walk(Ahead<Seen> to) {
    try (cursor) {
      Optional<ScanEntry> next;
      do {
        next = cursor.next();
        tell(to);
        to.put(new Entry(next));
      } while (next.isPresent() && !to.isClosed());
    } catch (RuntimeException | Error e) {
      tell(to);
      to.put(new Fault(e));
    }
  }

  private void tell(Ahead<Seen> to) {
    for (Seen each = told.poll(); each != null; each = told.poll()) {
      to.put(each);
    }
  }

  @Override
  public void close() {
    ahead.close();
  }
}
