package dev.caravan.check.node;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.node.NodeRow;
import dev.caravan.catalog.node.NodeTable;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import dev.caravan.store.node.NodeMaker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Compares the folders and links of the store with what the catalog says of them. */
public final class NodeCheck {

  private static final int PAGE = 1_000;

  private final NodeTable table;
  private final StoreTree tree;
  private final NodeMaker nodes;
  private final Predicate<StorePath> admits;

  /**
   * @param admits whether the filters of the store admit a path
   */
  public NodeCheck(Catalog catalog, StoreTree tree, Predicate<StorePath> admits) {
    this.table = new NodeTable(catalog);
    this.tree = tree;
    this.nodes = new NodeMaker(tree);
    this.admits = admits;
  }

  /** Is told of what is not as the catalog says, by one thread. */
  public interface Listener {

    /** It is not there. */
    void missing(NodeRow row);

    /**
     * It is there, but not as it was.
     *
     * @param how for people, such as {@code "permissions 0700, on record 0755"}
     */
    void changed(NodeRow row, String how);

    /** It cannot be known. */
    void unreadable(NodeRow row, IOException fault);
  }

  /** Looks at all of them, in the order of a scan. */
  public void go(BooleanSupplier goesOn, Listener listener) {
    String after = "";
    while (goesOn.getAsBoolean()) {
      List<NodeRow> page = table.page("", after, PAGE);
      if (page.isEmpty()) {
        return;
      }
      for (NodeRow row : page) {
        if (isExpected(row) && goesOn.getAsBoolean()) {
          look(row, listener);
        }
      }
      after = page.get(page.size() - 1).key();
    }
  }

  /** What a remote alone knows, and what looks found to be gone, is no difference. */
  private boolean isExpected(NodeRow row) {
    return row.here()
        && row.missingLooks() == 0
        && !tree.isReserved(row.path())
        && admits.test(row.path());
  }

  /** True when the catalog still says the same of it. */
  private boolean isStillSo(NodeRow row) {
    return table.page(row.path().value(), "", 2).stream().anyMatch(row::equals);
  }

  private void look(NodeRow row, Listener listener) {
    try {
      Optional<FileStat> there = nodes.find(row.path()).filter(stat -> stat.kind() == kind(row));
      if (there.isEmpty()) {
        if (isStillSo(row)) {
          listener.missing(row);
        }
        return;
      }
      FileStat stat = there.get();
      Optional<String> target = row.isFolder() ? Optional.empty() : nodes.targetOf(row.path());
      NodeRow found =
          NodeRow.seen(row.path(), target, stat.mode(), stat.owner(), stat.modifiedNs());
      if (!row.after(found).isLike(row) && isStillSo(row)) {
        listener.changed(row, difference(row, found));
      }
    } catch (IOException e) {
      listener.unreadable(row, e);
    }
  }

  private static FileStat.Kind kind(NodeRow row) {
    return row.isFolder() ? FileStat.Kind.FOLDER : FileStat.Kind.SYMLINK;
  }

  private static String difference(NodeRow row, NodeRow found) {
    List<String> how = new ArrayList<>();
    if (!row.target().equals(found.target())) {
      how.add(
          "it leads to %s, on record %s"
              .formatted(found.target().orElse("nothing"), row.target().orElse("nothing")));
    }
    if (row.mode() != found.mode()) {
      how.add(
          "permissions %04o, on record %04o"
              .formatted(found.mode() & NodeMaker.PERMISSIONS, row.mode() & NodeMaker.PERMISSIONS));
    }
    if (!row.owner().equals(found.owner())) {
      how.add(
          "owner %s, on record %s"
              .formatted(
                  found.owner().map(Object::toString).orElse("unknown"),
                  row.owner().map(Object::toString).orElse("unknown")));
    }
    return how.isEmpty() ? "another time" : String.join("; ", how);
  }
}
