package dev.caravan.snapshot.restore;

import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.util.List;
import java.util.Optional;

/**
 * The files of a folder without a manifest, as a listing and a look at each object show them; at
 * the prefix of a mirror without the snapshots there and the prefixes of other sources.
 */
final class PlainListing {

  private final Remote remote;
  private final String folder;
  private final Selection selection;
  private final RestoreReport report;
  private List<String> inner = List.of();
  private boolean any;

  PlainListing(Remote remote, String folder, Optional<StorePath> only, RestoreReport report) {
    this.remote = remote;
    this.folder = folder;
    this.selection = new Selection(only);
    this.report = report;
  }

  /** Takes one file; false ends the listing. */
  interface Taker {
    boolean take(Wanted wanted) throws InterruptedException;
  }

  /** Lists all; false when nothing was there. */
  boolean run(Taker taker) throws RemoteException, InterruptedException {
    try {
      inner = folder.isEmpty() ? Unnamed.innerPrefixes(remote) : List.of();
      remote.list(folder, stat -> visit(stat, taker));
    } catch (RemoteException e) {
      if (e.reason() == Cause.CANCELLED && e.getCause() instanceof InterruptedException) {
        throw new InterruptedException(e.getMessage());
      }
      if (!(e.getCause() instanceof Enough)) {
        throw e;
      }
    }
    return any;
  }

  private void visit(ObjectStat listed, Taker taker) throws RemoteException {
    String text = listed.key().value().substring(folder.length());
    if (text.isEmpty() || text.endsWith("/")) {
      // The mark that some tools leave for a folder.
      return;
    }
    if (folder.isEmpty() && Unnamed.isForeign(text, inner)) {
      return;
    }
    Optional<StorePath> path = path(text);
    if (path.isEmpty() || !selection.has(path.get()) || path.get().isWithin(".caravan")) {
      return;
    }
    any = true;
    try {
      if (!taker.take(Wanted.plain(path.get(), listed))) {
        throw new RemoteException(Cause.CANCELLED, "Given up", new Enough());
      }
    } catch (InterruptedException e) {
      throw new RemoteException(Cause.CANCELLED, "Cancelled", e);
    }
  }

  private Optional<StorePath> path(String text) {
    try {
      PathNames.bytesOf(text);
      return Optional.of(StorePath.of(text));
    } catch (IllegalArgumentException e) {
      any = true;
      report.problem(text, "its name would lead out of the folder, or nowhere");
      return Optional.empty();
    }
  }

  /** Ends a listing that nobody needs any more. */
  private static final class Enough extends Exception {
    private static final long serialVersionUID = 1L;
  }
}
