package dev.caravan.remote.rsync;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Gathers small files that are sent at the same time, for a child takes longer to log in than to
 * carry one: those that come while one child is under way go together with the next.
 */
final class Batches {

  /** More than there are transfers at once. */
  private static final int MOST = 256;

  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Carriage carriage;
  private boolean underWay;

  /** Carries files of one folder. */
  interface Carriage {
    RsyncEnd carry(String folder, List<String> names, RsyncChild.Need need);
  }

  /** What became of one file's child. */
  record Outcome(RsyncEnd end, boolean shared) {}

  /** A file that is to be carried; guarded by the batches. */
  private static final class Waiting {
    final String folder;
    final String name;
    boolean taken;
    boolean abandoned;
    Outcome outcome = new Outcome(new RsyncEnd(RsyncEnd.How.UNWANTED, 0, List.of()), false);
    boolean done;

    Waiting(String folder, String name) {
      this.folder = folder;
      this.name = name;
    }
  }

  Batches(Carriage carriage) {
    this.carriage = carriage;
  }

  /**
   * Returns when the file's child has ended, or at once when the thread is told to stop; the child
   * is ended when all who wait for it are.
   */
  Outcome carry(String folder, String name) {
    Waiting mine = new Waiting(folder, name);
    List<Waiting> batch;
    synchronized (this) {
      waiting.add(mine);
      try {
        while (!mine.done && (mine.taken || underWay)) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        mine.abandoned = true;
        waiting.remove(mine);
        return mine.outcome;
      }
      if (mine.done) {
        return mine.outcome;
      }
      batch = take(mine);
    }
    lead(mine, batch);
    return mine.outcome;
  }

  /** How many wait for a child to go with; for tests. */
  synchronized int waiting() {
    return waiting.size();
  }

  private List<Waiting> take(Waiting mine) {
    underWay = true;
    waiting.remove(mine);
    List<Waiting> batch = new ArrayList<>(List.of(mine));
    for (Iterator<Waiting> each = waiting.iterator(); each.hasNext() && batch.size() < MOST; ) {
      Waiting other = each.next();
      if (other.folder.equals(mine.folder)) {
        each.remove();
        batch.add(other);
      }
    }
    batch.forEach(each -> each.taken = true);
    return batch;
  }

  private void lead(Waiting mine, List<Waiting> batch) {
    RsyncEnd end = mine.outcome.end();
    try {
      List<String> names = batch.stream().map(each -> each.name).toList();
      end = carriage.carry(mine.folder, names, toldToStop -> isOver(mine, batch, toldToStop));
    } finally {
      synchronized (this) {
        underWay = false;
        for (Waiting each : batch) {
          each.outcome = new Outcome(end, batch.size() > 1);
          each.done = true;
        }
        notifyAll();
      }
    }
  }

  private synchronized boolean isOver(Waiting mine, List<Waiting> batch, boolean toldToStop) {
    mine.abandoned |= toldToStop;
    return batch.stream().allMatch(each -> each.abandoned);
  }
}
