package dev.caravan.restore;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.node.NodeRow;
import dev.caravan.catalog.node.NodeTable;
import dev.caravan.event.StorePath;
import dev.caravan.store.StoreTree;
import dev.caravan.store.node.NodeMaker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders above one file that comes back. Those that have to be made get what is known of them:
 * what can be without the file at once, their times when it is there.
 */
final class FoldersAbove implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.restore");

  /** Their owner may put files there, and look them up. */
  private static final int USABLE = 0300;

  private final Catalog catalog;
  private final StoreTree tree;
  private final NodeTable table;
  private final NodeMaker maker;
  private final Deque<NodeRow> made = new ArrayDeque<>();

  FoldersAbove(Catalog catalog, StoreTree tree) {
    this.catalog = catalog;
    this.tree = tree;
    this.table = new NodeTable(catalog);
    this.maker = new NodeMaker(tree);
  }

  /** Makes those that are missing, and returns the file's own path. */
  Path make(StorePath file) throws IOException {
    List<NodeRow> away = new ArrayList<>();
    String path = file.value();
    for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      StorePath folder = StorePath.of(path.substring(0, slash));
      if (maker.isAway(folder)) {
        Optional<NodeRow> known = table.findFolder(folder);
        known.ifPresent(away::add);
      }
    }
    if (!away.isEmpty()) {
      catalog.commit(session -> table.recordUnfinished(session, away));
      for (NodeRow row : away) {
        if (maker.makeFolder(row.path())) {
          made.push(row);
        }
      }
      for (NodeRow row : made) {
        if ((row.mode() & USABLE) == USABLE) {
          maker.finish(row.path(), NodeRestore.traitsOf(row));
        }
      }
    }
    return tree.makeFoldersFor(file);
  }

  /** Gives them what they had: nothing more is made in them. */
  @Override
  public void close() {
    if (made.isEmpty()) {
      return;
    }
    List<NodeRow> finished = new ArrayList<>();
    for (NodeRow row : made) {
      List<String> lacking = maker.finish(row.path(), NodeRestore.traitsOf(row));
      if (!lacking.isEmpty()) {
        LOG.warn("{} is back, but {}", row.path(), String.join("; ", lacking));
      }
      finished.add(lacking.isEmpty() ? NodeRestore.made(row) : NodeRestore.standing(row, maker));
    }
    catalog.commit(session -> table.record(session, finished));
  }
}
