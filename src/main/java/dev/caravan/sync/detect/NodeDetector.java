package dev.caravan.sync.detect;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.node.HeldTable;
import dev.caravan.catalog.node.NodeRow;
import dev.caravan.catalog.node.NodeTable;
import dev.caravan.config.MaxDelete;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.node.NodeMaker;
import dev.caravan.sync.plan.SyncHalt;
import dev.caravan.sync.plan.SyncPlanner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Compares the folders and links of a scan with the catalog, in one pass over both. They lie at no
 * remote as objects: the copy of the catalog there tells of them.
 */
public final class NodeDetector {

  private static final int PAGE = 1_000;
  private static final int LOOKS_NEEDED = 2;

  private final Catalog catalog;
  private final NodeTable table;
  private final boolean records;
  private final Function<StorePath, Optional<String>> targets;
  private final Predicate<NodeRow> isKnownable;
  private final Deque<NodeRow> rows = new ArrayDeque<>();
  private List<NodeRow> changed = new ArrayList<>();
  private List<String> missing = new ArrayList<>();
  private String after = "";
  private boolean ended;
  private boolean differs;

  /**
   * @param records false in a dry run
   * @param targets where a link leads to; empty when it is gone
   * @param isKnownable false for what the scan can say nothing of: it was not looked at, or could
   *     not be
   */
  public NodeDetector(
      Catalog catalog,
      boolean records,
      Function<StorePath, Optional<String>> targets,
      Predicate<NodeRow> isKnownable) {
    this.catalog = catalog;
    this.table = new NodeTable(catalog);
    this.records = records;
    this.targets = targets;
    this.isKnownable = isKnownable;
  }

  /** A folder, or a link whose target is read; they come in the order of the scan. */
  public void seen(FileStat stat) {
    boolean link = stat.kind() == FileStat.Kind.SYMLINK;
    Optional<String> target = link ? targets.apply(stat.path()) : Optional.empty();
    if (link && target.isEmpty()) {
      return;
    }
    NodeRow found = NodeRow.seen(stat.path(), target, stat.mode(), stat.owner(), stat.modifiedNs());
    String key = found.key();
    while (next().filter(row -> StorePath.compareUtf8(row.key(), key) < 0).isPresent()) {
      gone(rows.remove());
    }
    Optional<NodeRow> known = next().filter(row -> row.key().equals(key));
    known.ifPresent(row -> rows.remove());
    if (known.filter(row -> isBeingMade(row, found)).isPresent()) {
      return;
    }
    NodeRow now = known.map(row -> row.after(found)).orElse(found);
    if (!known.equals(Optional.of(now))) {
      differs |= known.isEmpty() || !known.get().isLike(now);
      changed.add(now);
      flushIfFull();
    }
  }

  /** What a restore made, and has not given yet what it had, says nothing of what it was. */
  private static boolean isBeingMade(NodeRow row, NodeRow now) {
    return row.unfinished()
        && (now.mode() & NodeMaker.PERMISSIONS) == NodeMaker.CLOSED
        && !row.isLike(now);
  }

  private void gone(NodeRow row) {
    if (row.here() && isKnownable.test(row)) {
      missing.add(row.key());
      flushIfFull();
    }
  }

  private Optional<NodeRow> next() {
    if (rows.isEmpty() && !ended) {
      rows.addAll(table.page("", after, PAGE));
      ended = rows.size() < PAGE;
      after = rows.isEmpty() ? after : rows.getLast().key();
    }
    return Optional.ofNullable(rows.peek());
  }

  private void flushIfFull() {
    if (changed.size() + missing.size() >= PAGE) {
      flush();
    }
  }

  private void flush() {
    List<NodeRow> changedNow = changed;
    List<String> missingNow = missing;
    changed = new ArrayList<>();
    missing = new ArrayList<>();
    if (records && !(changedNow.isEmpty() && missingNow.isEmpty())) {
      catalog.submit(
          session -> {
            table.record(session, changedNow);
            table.recordMissing(session, missingNow);
          });
    }
  }

  /** The scan is at its end: what is left in the catalog was not found. */
  public void finish() {
    while (next().isPresent()) {
      gone(rows.remove());
    }
    flush();
    if (records) {
      catalog.flush();
    }
  }

  /** Why what is missing must not be forgotten without a person. */
  public Optional<SyncHalt> judge(MaxDelete max) {
    long unapproved = table.isAnyMissing() ? table.countUnapproved() : 0;
    return unapproved == 0
        ? Optional.empty()
        : SyncPlanner.judgeForgetting(unapproved, table.count(), max);
  }

  /**
   * Forgets what two looks did not find, unless something speaks against it, and notes which copies
   * of the catalog are old by that.
   *
   * @param mayForget false while deletions wait for a person
   * @param remotes ids of the configured remotes
   */
  public void settle(boolean mayForget, Collection<Integer> remotes) {
    if (!records) {
      return;
    }
    if (mayForget && table.isAnyMissing()) {
      differs |= catalog.write(session -> table.forgetMissing(session, LOOKS_NEEDED) > 0);
    }
    if (differs) {
      HeldTable held = new HeldTable(catalog);
      catalog.commit(
          session -> remotes.forEach(remote -> held.recordBackupOwed(session, remote, true)));
    }
  }
}
