package dev.caravan.sync;

import dev.caravan.event.StorePath;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;

/**
 * Walks a table page by page, going on after the last path of the page before, so that no read is
 * held open while the rows are worked on. May be used from many threads at once.
 *
 * @param <R> what a page is made of
 * @param <T> what is made of it
 */
final class PagedIterator<R, T> implements Iterator<T> {

  private final Function<Optional<StorePath>, List<R>> pages;
  private final Function<R, StorePath> pathOf;
  private final Function<R, T> made;
  private final Deque<R> page = new ArrayDeque<>();
  private Optional<StorePath> after = Optional.empty();
  private boolean ended;

  PagedIterator(
      Function<Optional<StorePath>, List<R>> pages,
      Function<R, StorePath> pathOf,
      Function<R, T> made) {
    this.pages = pages;
    this.pathOf = pathOf;
    this.made = made;
  }

  @Override
  public synchronized boolean hasNext() {
    if (page.isEmpty() && !ended) {
      page.addAll(pages.apply(after));
      ended = page.isEmpty();
    }
    return !page.isEmpty();
  }

  @Override
  public synchronized T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    R row = page.removeFirst();
    after = Optional.of(pathOf.apply(row));
    return made.apply(row);
  }
}
