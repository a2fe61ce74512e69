package dev.caravan.archive.carry;

import dev.caravan.config.ArchiveSettings;
import dev.caravan.event.PathNames;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.rsync.LinkFolder;
import dev.caravan.remote.rsync.LinkTree;
import dev.caravan.remote.rsync.RsyncTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** By rsync, to an SSH server or a folder of this machine. */
public final class TreeCarrier implements Carrier {

  private static final int SHOWN = 300;

  private final RsyncTree rsync;
  private final LinkFolder links;

  /**
   * @param links where links to the files lie while they are sent
   */
  public TreeCarrier(ArchiveSettings settings, LinkFolder links) {
    this.links = links;
    this.rsync =
        new RsyncTree(settings.rsync(), links, settings.copyTimeout(), settings.cmdTimeout());
  }

  @Override
  public String place() {
    return rsync.place();
  }

  @Override
  public void probe() throws RemoteException {
    rsync.probe();
  }

  @Override
  public Sent send(List<Parcel> parcels, BooleanSupplier cancelled) throws RemoteException {
    Map<Long, String> faults = new LinkedHashMap<>();
    try (LinkTree tree = rsync.makeTree()) {
      for (Parcel each : parcels) {
        try {
          tree.add(each.remotePath(), each.local());
        } catch (IOException e) {
          faults.put(each.id(), "A file and a folder would have the same name at the destination");
        }
      }
      if (tree.isEmpty()) {
        return new Sent(faults, Set.of(), false);
      }
      RsyncTree.Sent sent = rsync.push(tree, cancelled);
      for (Parcel each : parcels) {
        said(sent.words(), each).ifPresent(word -> faults.putIfAbsent(each.id(), word));
      }
      Set<Long> whole = new HashSet<>();
      if (sent.outcome() == RsyncTree.Outcome.ALL) {
        parcels.forEach(each -> whole.add(each.id()));
        whole.removeAll(faults.keySet());
      }
      return new Sent(faults, whole, sent.outcome() == RsyncTree.Outcome.TIMED_OUT);
    } catch (IOException e) {
      throw new RemoteException(
          RemoteException.Cause.OTHER,
          "The folder %s cannot be used (%s); make it writable, or set another store.state"
              .formatted(links.path(), e.getMessage()),
          e);
    }
  }

  /** What rsync said that names this file, if anything. */
  private static Optional<String> said(List<String> words, Parcel parcel) {
    String name = parcel.remotePath();
    return words.stream()
        .filter(line -> line.contains(name))
        .findFirst()
        .map(line -> "rsync: " + line.substring(0, Math.min(SHOWN, line.length())));
  }

  @Override
  public Proofs prove(List<Parcel> parcels, BooleanSupplier cancelled) throws RemoteException {
    List<String> names = parcels.stream().map(Parcel::remotePath).distinct().toList();
    RsyncTree.Sums sums = rsync.md5s(names, cancelled);
    Map<Long, Proof> proofs = new HashMap<>();
    for (Parcel each : parcels) {
      String md5 = sums.found().get(each.remotePath());
      if (md5 != null) {
        proofs.put(each.id(), new Proof(md5, Optional.empty()));
      } else if (sums.unreadable().contains(each.remotePath())) {
        proofs.put(each.id(), Proof.UNKNOWN);
      }
    }
    return new Proofs(proofs, sums.timedOut());
  }

  @Override
  public Optional<Path> fileOf(Parcel parcel) {
    return rsync.folder().map(folder -> PathNames.resolve(folder, parcel.remotePath()));
  }
}
