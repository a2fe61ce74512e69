package dev.caravan.snapshot.restore;

import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.keep.SnapshotName;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a mirror that its manifest does not name: a backup that broke off put them there,
 * or another tool. Snapshots and the prefixes of other sources do not count.
 */
final class Unnamed {

  private static final String PREFIXES = ObjectKey.OWN + "prefixes/";
  private static final int SHOWN = 50;

  private final List<String> names = new ArrayList<>();
  private final List<String> inner = new ArrayList<>();
  private final Selection selection;
  private @Nullable ManifestEntry head;
  private String last = "";
  private boolean ordered = true;
  private long count;

  private Unnamed(Selection selection) {
    this.selection = selection;
  }

  /** Notes the first of them, and how many there are; nothing where the listing has no order. */
  static void note(
      Remote remote, ManifestObject manifest, Selection selection, RestoreReport report)
      throws IOException {
    Unnamed unnamed = new Unnamed(selection);
    try (ManifestReader reader = manifest.open()) {
      unnamed.advance(reader);
      unnamed.inner.addAll(innerPrefixes(remote));
      remote.list("", stat -> unnamed.visit(stat.key().value(), reader));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RemoteException e) {
      report.note("(mirror)", "what the manifest does not name cannot be listed: " + e);
      return;
    }
    if (unnamed.ordered) {
      for (String name : unnamed.names) {
        report.note(name, "the manifest does not name it: not restored");
      }
      if (unnamed.count > SHOWN) {
        report.note("(mirror)", unnamed.count + " objects are not named by the manifest");
      }
    }
  }

  /** The prefixes within this one that belong to other sources. */
  static List<String> innerPrefixes(Remote remote) throws RemoteException {
    List<String> inner = new ArrayList<>();
    remote.list(PREFIXES, stat -> inner.add(stat.key().value().substring(PREFIXES.length())));
    return inner;
  }

  private void visit(String name, ManifestReader reader) {
    ordered &= StorePath.compareUtf8(last, name) < 0;
    last = name;
    if (isForeign(name, inner)) {
      return;
    }
    try {
      while (head != null && StorePath.compareUtf8(head.path().value(), name) < 0) {
        advance(reader);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    boolean named = head != null && head.path().value().equals(name);
    if (!named && isSelected(name)) {
      count++;
      if (names.size() < SHOWN) {
        names.add(name);
      }
    }
  }

  /** True for what lies at the prefix of a mirror, and is no file of the mirror's. */
  static boolean isForeign(String name, List<String> inner) {
    int slash = name.indexOf('/');
    return name.startsWith(ObjectKey.OWN)
        || name.endsWith("/")
        || (slash > 0 && SnapshotName.find(name.substring(0, slash)).isPresent())
        || inner.stream().anyMatch(prefix -> name.startsWith(prefix + "/"));
  }

  private boolean isSelected(String name) {
    try {
      return selection.has(StorePath.of(name));
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  private void advance(ManifestReader reader) throws IOException {
    Optional<ManifestEntry> next = reader.next();
    while (next.isPresent() && !next.get().isFile()) {
      next = reader.next();
    }
    head = next.orElse(null);
  }
}
