package dev.caravan.restore;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.node.NodeRow;
import dev.caravan.catalog.node.NodeTable;
import dev.caravan.event.StorePath;
import dev.caravan.store.StoreTree;
import dev.caravan.store.node.LinkRule;
import dev.caravan.store.node.NodeMaker;
import dev.caravan.store.traits.Traits;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Brings back folders and links. Folders come before the files in them, closed to others; links
 * come after the files, and then the folders get their times, permissions and owners. What lies
 * there already stays as it is.
 */
final class NodeRestore {

  private static final int PAGE = 1_000;

  /** Folders whose times and permissions are held until their files are there; about 200 B each. */
  private static final int FOLDERS_MAX = 200_000;

  private final Catalog catalog;
  private final NodeTable table;
  private final boolean marks;
  private final NodeMaker maker;
  private final Function<StorePath, Optional<String>> refusal;
  private final Listener listener;
  private final Deque<NodeRow> made = new ArrayDeque<>();
  private List<NodeRow> finished = new ArrayList<>();
  private long folders;
  private long links;

  /** Is told of what did not go well, by one thread. */
  interface Listener {
    /** It is back, but lacks something. */
    void lacking(StorePath path, List<String> lacking);

    /** It is not back. */
    void failed(StorePath path, String message);
  }

  /**
   * @param tree where they are made
   * @param marks whether that is the store itself: then what is begun is noted in the catalog, so
   *     that no look takes it for what it was, and a later restore ends it
   * @param refusal why nothing must be made there now
   */
  NodeRestore(
      Catalog catalog,
      StoreTree tree,
      boolean marks,
      Function<StorePath, Optional<String>> refusal,
      Listener listener) {
    this.catalog = catalog;
    this.marks = marks;
    this.table = new NodeTable(catalog);
    this.maker = new NodeMaker(tree);
    this.refusal = refusal;
    this.listener = listener;
  }

  /** True when there is a folder or link of this name, or one below it. */
  boolean knows(String root) {
    return table.knows(root);
  }

  /** How many folders were made. */
  long folders() {
    return folders;
  }

  /** How many links were made. */
  long links() {
    return links;
  }

  /** Makes the folders above a path, at it and below it. */
  void makeFolders(String root, BooleanSupplier cancelled) {
    for (int slash = root.indexOf('/'); slash > 0; slash = root.indexOf('/', slash + 1)) {
      String above = root.substring(0, slash);
      table
          .findFolder(StorePath.of(above))
          .ifPresent(
              row -> {
                mark(List.of(row));
                take(row, this::makeFolder);
              });
    }
    each(root, cancelled, this::mark, NodeRow::isFolder, this::makeFolder);
  }

  private void makeFolder(NodeRow row) throws IOException {
    if (!maker.makeFolder(row.path())) {
      if (!marks || !row.unfinished() || !maker.isClosed(row.path())) {
        return;
      }
      // A restore that was broken off made it.
    } else {
      folders++;
    }
    if (made.size() < FOLDERS_MAX) {
      made.push(row);
    } else {
      listener.lacking(row.path(), finish(row));
    }
  }

  /** Notes what is about to be made. */
  private void mark(List<NodeRow> rows) {
    if (!marks) {
      return;
    }
    List<NodeRow> away =
        rows.stream()
            .filter(row -> row.isFolder() && maker.isAway(row.path()))
            .filter(row -> refusal.apply(row.path()).isEmpty())
            .toList();
    if (!away.isEmpty()) {
      catalog.commit(session -> table.recordUnfinished(session, away));
    }
  }

  /** Makes the links at a path and below it. */
  void makeLinks(String root, BooleanSupplier cancelled) {
    each(root, cancelled, page -> {}, row -> !row.isFolder(), this::makeLink);
  }

  private void makeLink(NodeRow row) throws IOException {
    String target = row.target().orElseThrow();
    Optional<String> refused = LinkRule.refusal(row.path(), target);
    if (refused.isPresent()) {
      if (maker.isAway(row.path())) {
        listener.failed(row.path(), "The link was not made, for it " + refused.get());
      }
      return;
    }
    Optional<List<String>> lacking = maker.makeLink(row.path(), target, traitsOf(row));
    if (lacking.isPresent()) {
      links++;
      tell(row, lacking.get());
      if (!lacking.get().isEmpty()) {
        finished.add(standing(row, maker));
      }
    }
  }

  /** Gives the folders that were made what they had, the deepest first. */
  void finish() {
    while (!made.isEmpty()) {
      NodeRow row = made.pop();
      tell(row, finish(row));
    }
    recordFinished();
  }

  private void recordFinished() {
    List<NodeRow> rows = finished;
    finished = new ArrayList<>();
    if (marks && !rows.isEmpty()) {
      catalog.commit(session -> table.record(session, rows));
    }
  }

  private List<String> finish(NodeRow row) {
    List<String> lacking = maker.finish(row.path(), traitsOf(row));
    finished.add(lacking.isEmpty() ? made(row) : standing(row, maker));
    if (finished.size() >= PAGE) {
      recordFinished();
    }
    return lacking;
  }

  /** A folder that has all that is known of it. */
  static NodeRow made(NodeRow row) {
    return row.standingAs(row);
  }

  /** What could not be given stays on record, beside what it looks like without. */
  static NodeRow standing(NodeRow row, NodeMaker maker) {
    try {
      return maker
          .find(row.path())
          .map(
              stat ->
                  row.standingAs(
                      NodeRow.seen(
                          row.path(), row.target(), stat.mode(), stat.owner(), stat.modifiedNs())))
          .orElse(row);
    } catch (IOException e) {
      return row;
    }
  }

  private void tell(NodeRow row, List<String> lacking) {
    if (!lacking.isEmpty()) {
      listener.lacking(row.path(), lacking);
    }
  }

  static Traits traitsOf(NodeRow row) {
    return new Traits(OptionalInt.of(row.mode()), row.owner(), OptionalLong.of(row.modifiedNs()));
  }

  private interface Step {
    void take(NodeRow row) throws IOException;
  }

  private void each(
      String root,
      BooleanSupplier cancelled,
      Consumer<List<NodeRow>> first,
      Predicate<NodeRow> wanted,
      Step step) {
    String after = "";
    while (!cancelled.getAsBoolean()) {
      List<NodeRow> page = table.page(root, after, PAGE);
      if (page.isEmpty()) {
        return;
      }
      first.accept(page);
      for (NodeRow row : page) {
        if (wanted.test(row)) {
          take(row, step);
        }
      }
      after = page.get(page.size() - 1).key();
    }
  }

  private void take(NodeRow row, Step step) {
    Optional<String> refused = refusal.apply(row.path());
    if (refused.isPresent()) {
      listener.failed(row.path(), refused.get());
      return;
    }
    try {
      step.take(row);
    } catch (IOException e) {
      listener.failed(row.path(), "It could not be made: " + e.getMessage());
    }
  }
}
