package dev.caravan.purge;

import dev.caravan.catalog.purge.PurgeTable.Candidate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Walks the files page by page, going on after the last one of the page before, so that no read is
 * held open while files leave. Ends when the run is over.
 */
final class CandidatePages implements Iterator<Candidate> {

  private final Function<Optional<Candidate>, List<Candidate>> pages;
  private final BooleanSupplier over;
  private final Deque<Candidate> page = new ArrayDeque<>();
  private Optional<Candidate> after = Optional.empty();
  private boolean ended;

  CandidatePages(Function<Optional<Candidate>, List<Candidate>> pages, BooleanSupplier over) {
    this.pages = pages;
    this.over = over;
  }

  @Override
  public boolean hasNext() {
    if (over.getAsBoolean()) {
      return false;
    }
    if (page.isEmpty() && !ended) {
      page.addAll(pages.apply(after));
      ended = page.isEmpty();
    }
    return !page.isEmpty();
  }

  @Override
  public Candidate next() {
    // Who asked whether there is one gets it, also when the run is over by now.
    if (page.isEmpty() && !hasNext()) {
      throw new NoSuchElementException();
    }
    Candidate file = page.removeFirst();
    after = Optional.of(file);
    return file;
  }
}
