package dev.caravan.restore;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.catalog.past.PastFacts;
import dev.caravan.catalog.past.PastTable;
import dev.caravan.event.StorePath;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The files at a path and below it as they were at a time, in byte order of their paths. What the
 * catalog knows and what the remotes list comes by in one order, so that a page of each is held.
 */
final class PastFiles {

  private static final int PAGE = 1_000;

  private final PastTable table;
  private final String root;
  private final Instant at;
  private final BiConsumer<Remote, RemoteException> faults;
  private final List<Side> sides = new ArrayList<>();
  private final Deque<PastFacts> page = new ArrayDeque<>();
  private Optional<StorePath> after = Optional.empty();
  private boolean tableEnded;

  /** A remote, and its own listing where it has one. */
  private static final class Side {
    final Remote remote;
    final int id;
    Optional<Remote.Past.Cursor> listing = Optional.empty();
    Remote.Past.@Nullable Moment next;
    @Nullable String fault;

    Side(Remote remote, int id) {
      this.remote = remote;
      this.id = id;
    }
  }

  /** What files of earlier times are made of. */
  record World(Catalog catalog, List<Remote> remotes) {}

  /**
   * Begins.
   *
   * @param root a store path, or {@code ""} for all
   * @param from the only remote to ask; all when empty
   * @param faults is told of each remote whose listing fails, and why: files that only it knows are
   *     missing then
   */
  PastFiles(
      World world,
      String root,
      Optional<String> from,
      Instant at,
      BiConsumer<Remote, RemoteException> faults) {
    this.table = new PastTable(world.catalog());
    this.root = root;
    this.at = at;
    this.faults = faults;
    for (Remote remote : world.remotes()) {
      Optional<Integer> id = world.catalog().remotes().find(remote.name()).map(RemoteRow::id);
      if (id.isPresent() && from.map(remote.name()::equals).orElse(true)) {
        sides.add(new Side(remote, id.get()));
      }
    }
    sides.forEach(this::begin);
  }

  private void begin(Side side) {
    try {
      Optional<Remote.Past> past = side.remote.past();
      if (past.isPresent()) {
        side.remote.reach();
        side.listing = past.get().at(root, at);
        advance(side);
      }
    } catch (RemoteException e) {
      fail(side, e);
    }
  }

  private void fail(Side side, RemoteException e) {
    side.fault = String.valueOf(e.getMessage());
    side.next = null;
    faults.accept(side.remote, e);
  }

  /** Steps to the next entry of a listing that is at this path or below it. */
  private void advance(Side side) {
    try {
      side.next = null;
      Optional<Remote.Past.Moment> next = Optional.empty();
      if (side.listing.isPresent()) {
        do {
          next = side.listing.get().next();
        } while (next.isPresent() && !pathOf(next.get()).isWithin(root));
      }
      side.next = next.orElse(null);
    } catch (RemoteException e) {
      fail(side, e);
    }
  }

  private static StorePath pathOf(Remote.Past.Moment moment) {
    return StorePath.of(moment.key().value());
  }

  /** The next file, or path of which nobody can tell; empty at the end. */
  Optional<PastFile> next() {
    fill();
    Optional<StorePath> path = Optional.ofNullable(page.peek()).map(PastFacts::path);
    for (Side side : sides) {
      if (side.next != null) {
        StorePath listed = pathOf(side.next);
        path = path.isEmpty() || listed.compareTo(path.get()) < 0 ? Optional.of(listed) : path;
      }
    }
    return path.map(this::judge);
  }

  private void fill() {
    if (page.isEmpty() && !tableEnded) {
      page.addAll(table.below(root, after, PAGE));
      tableEnded = page.isEmpty();
      if (!tableEnded) {
        after = Optional.of(page.getLast().path());
      }
    }
  }

  private PastFile judge(StorePath path) {
    PastFacts head = page.peek();
    PastFacts facts =
        head != null && head.path().equals(path) ? page.remove() : PastFacts.none(path);
    List<PastFile.Source> sources = new ArrayList<>();
    Optional<String> unknown = Optional.empty();
    Optional<String> absence = Optional.empty();
    for (Side side : sides) {
      Optional<Remote.Past.Moment> listed = take(side, path);
      PastPlanner.Verdict verdict = PastPlanner.judge(facts, side.remote, side.id, listed, at);
      if (verdict instanceof PastPlanner.Held held) {
        sources.add(held.source());
      } else if (side.fault != null) {
        String fault = side.fault;
        unknown = unknown.or(() -> Optional.of(fault));
      } else if (verdict instanceof PastPlanner.Absent absent) {
        absence = absence.or(() -> Optional.of(absent.why()));
      } else if (verdict instanceof PastPlanner.Unknown doubt) {
        unknown = unknown.or(() -> Optional.of(doubt.why()));
      }
    }
    // A file too many is the smaller harm, whichever remote lagged behind.
    if (!sources.isEmpty()) {
      return new PastFile(path, sources, Optional.empty(), Optional.empty());
    }
    if (absence.isPresent()) {
      return new PastFile(path, List.of(), Optional.empty(), absence);
    }
    String why = unknown.orElse("no remote keeps anything of it");
    return new PastFile(path, List.of(), Optional.of(why), Optional.empty());
  }

  private Optional<Remote.Past.Moment> take(Side side, StorePath path) {
    Remote.Past.Moment next = side.next;
    if (next == null || !pathOf(next).equals(path)) {
      return Optional.empty();
    }
    advance(side);
    return Optional.of(next);
  }
}
