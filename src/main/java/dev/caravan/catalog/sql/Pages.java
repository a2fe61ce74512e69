package dev.caravan.catalog.sql;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Walks a table page by page, going on after the last row of the page before, so that no read is
 * held open while the rows are looked at. Ends when the run is over. For one thread at a time.
 */
public final class Pages<T> implements Iterator<T> {

  private final Function<Optional<T>, List<T>> pages;
  private final BooleanSupplier over;
  private final Deque<T> page = new ArrayDeque<>();
  private Optional<T> after = Optional.empty();
  private boolean ended;

  /**
   * @param pages reads what follows a row, or the first rows; empty at the end
   * @param over ends the walk early
   */
  public Pages(Function<Optional<T>, List<T>> pages, BooleanSupplier over) {
    this.pages = pages;
    this.over = over;
  }

  @Override
  public synchronized boolean hasNext() {
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
  public synchronized T next() {
    // Who asked whether there is one gets it, also when the run is over by now.
    if (page.isEmpty() && !hasNext()) {
      throw new NoSuchElementException();
    }
    T row = page.removeFirst();
    after = Optional.of(row);
    return row;
  }
}
