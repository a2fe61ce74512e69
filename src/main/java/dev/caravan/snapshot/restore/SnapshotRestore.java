package dev.caravan.snapshot.restore;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.fetch.Workers;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestEntry.Kind;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestReader;
import dev.caravan.store.StoreTree;
import dev.caravan.store.place.Leftovers;
import dev.caravan.store.place.Links;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Brings what a manifest lists into a folder: folders and files first, then links, then the owners,
 * permissions and times of folders, those farthest down first.
 *
 * <p>What is there already with the same bytes is left; a file or link of another content is
 * replaced; a folder never is, nor is anything deleted but what a restore that was killed left
 * unfinished in the folders that this one goes through. No path leads out of the folder: not by its
 * text, and not through a link, whether that lay there before or is in the manifest.
 */
public final class SnapshotRestore {

  private final Remote remote;
  private final StoreTree tree;
  private final FilePlacer placer;
  private final int atOnce;
  private final RestoreReport report;
  private Optional<Leftovers> leftovers = Optional.empty();
  private final AtomicReference<@Nullable String> stopped = new AtomicReference<>();

  /**
   * @param to a folder; made when it is missing
   * @param atOnce files that are fetched at the same time
   */
  public SnapshotRestore(Remote remote, Path to, int atOnce, RestoreReport report, Clock clock)
      throws IOException {
    this.remote = remote;
    Path folder = folderAt(to).toRealPath();
    this.tree = new StoreTree(folder, folder.resolve(".caravan"), clock);
    this.placer = new FilePlacer(remote, tree);
    this.atOnce = atOnce;
    this.report = report;
  }

  /**
   * Restores from a manifest.
   *
   * @param folder where the objects lie: {@code 2026-11-21-032800/}, {@code ""} for a mirror
   * @param only a file or folder of it and what lies below; all when empty
   * @return false when {@code only} is not in it
   */
  public boolean run(ManifestObject manifest, String folder, Optional<StorePath> only)
      throws IOException, InterruptedException {
    Selection selection = new Selection(only);
    begin();
    report.begins("transfer");
    boolean any = foldersAndFiles(manifest, folder, selection);
    report.ended();
    if (!isStopped()) {
      report.begins("links");
      links(manifest, selection);
      report.ended();
    }
    if (!isStopped()) {
      report.begins("folders");
      new FolderFinish(tree, report).run(manifest, selection);
      report.ended();
    }
    if (!isStopped() && folder.isEmpty()) {
      Unnamed.note(remote, manifest, selection, report);
    }
    return any;
  }

  /**
   * Restores a folder that has no manifest, such as rclone writes: the files that a listing shows,
   * with the times that are recorded beside them; nothing else is known of them.
   *
   * @param folder with its slash
   * @return false when nothing is there
   */
  public boolean runPlain(String folder, Optional<StorePath> only)
      throws RemoteException, InterruptedException {
    begin();
    report.begins("transfer");
    AtomicReference<String> swept = new AtomicReference<>("");
    try (Workers workers = new Workers(atOnce)) {
      PlainListing listing = new PlainListing(remote, folder, only, report);
      boolean any =
          listing.run(
              wanted -> {
                String above = wanted.path().folder();
                if (!above.equals(swept.getAndSet(above)) && !above.isEmpty()) {
                  sweep(tree.pathOf(StorePath.of(above)));
                }
                submit(workers, wanted, placer::placePlain);
                return !isStopped();
              });
      workers.await();
      report.ended();
      return any;
    }
  }

  private static Path folderAt(Path to) throws IOException {
    try {
      return Files.createDirectories(to);
    } catch (FileSystemException e) {
      throw new IOException("--to %s: %s".formatted(to, DiskFaults.causeOf(e)), e);
    }
  }

  /** Takes the time before which nothing is ours, and looks into the folder itself. */
  private void begin() {
    try {
      leftovers = Optional.of(Leftovers.before(tree.root()));
      sweep(tree.root());
    } catch (IOException e) {
      // Nothing can be written there: whoever is to be placed will say so.
      leftovers = Optional.empty();
    }
  }

  /** Of a folder that was there before; what is left there by others is no fault of this one. */
  private void sweep(Path folder) {
    if (leftovers.isPresent() && Files.isDirectory(folder, NOFOLLOW_LINKS)) {
      try {
        report.swept(leftovers.get().sweep(folder));
      } catch (IOException e) {
        report.note(
            PathNames.textOf(tree.root().relativize(folder)),
            "what an earlier restore left unfinished there cannot be deleted: "
                + DiskFaults.causeOf(e));
      }
    }
  }

  private boolean foldersAndFiles(ManifestObject manifest, String folder, Selection selection)
      throws IOException, InterruptedException {
    boolean any = false;
    try (Workers workers = new Workers(atOnce);
        ManifestReader reader = manifest.open()) {
      for (Optional<ManifestEntry> next = reader.next();
          next.isPresent() && !isStopped();
          next = reader.next()) {
        ManifestEntry entry = next.get();
        any |= selection.has(entry.path());
        if (entry.isFolder() && selection.needs(entry.path())) {
          makeFolder(entry.path(), selection);
        } else if (entry.isFile() && selection.has(entry.path())) {
          submit(workers, Wanted.of(entry, folder), placer::place);
        }
      }
      workers.await();
    }
    return any;
  }

  private void makeFolder(StorePath path, Selection selection) {
    try {
      Path folder = tree.makeFoldersFor(path);
      if (Files.exists(folder, NOFOLLOW_LINKS)) {
        if (!Files.isDirectory(folder, NOFOLLOW_LINKS)) {
          throw new IOException("a file or link is in its place");
        }
        openUp(folder);
        sweep(folder);
      } else {
        Files.createDirectory(folder);
        selection.made(path);
      }
    } catch (IOException e) {
      failed(path, e);
    }
  }

  /** A folder of an earlier restore may have been given permissions that keep us out. */
  private static void openUp(Path folder) throws IOException {
    int mode = (Integer) Files.getAttribute(folder, "unix:mode", NOFOLLOW_LINKS) & 07777;
    if ((mode & 0700) != 0700 && !Files.isWritable(folder)) {
      Files.setAttribute(folder, "unix:mode", mode | 0700, NOFOLLOW_LINKS);
    }
  }

  /** Puts a file in its place. */
  private interface Placing {
    FilePlacer.Placed place(Wanted wanted) throws RemoteException, IOException;
  }

  private void submit(Workers workers, Wanted wanted, Placing placing) throws InterruptedException {
    workers.submit(
        () -> {
          if (isStopped()) {
            return;
          }
          try {
            report.file(wanted, placing.place(wanted));
          } catch (IOException e) {
            failed(wanted.path(), e);
          } catch (RemoteException e) {
            report.problem(wanted.path().value(), String.valueOf(e.getMessage()));
            if (e.reason().concernsWholeRemote()) {
              stop(String.valueOf(e.getMessage()));
            }
          } catch (RuntimeException e) {
            report.problem(wanted.path().value(), "it failed inside: " + e);
          }
        });
  }

  private void links(ManifestObject manifest, Selection selection) throws IOException {
    try (ManifestReader reader = manifest.open()) {
      for (Optional<ManifestEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
        ManifestEntry entry = next.get();
        if (entry.kind() == Kind.SYMLINK && selection.has(entry.path())) {
          makeLink(entry);
        }
      }
    }
  }

  private void makeLink(ManifestEntry entry) {
    String target = entry.linkTarget().orElseThrow();
    try {
      Path link = tree.makeFoldersFor(entry.path());
      if (!Links.targetOf(link).equals(target)) {
        Links.put(link, target);
      }
      report.link(entry.path().value(), Wanted.attributesOf(entry).giveToLink(link));
    } catch (IOException e) {
      failed(entry.path(), e);
    }
  }

  private void failed(StorePath path, IOException e) {
    report.problem(path.value(), DiskFaults.causeOf(e));
    if (DiskFaults.isFull(e)) {
      stop("the disk is full");
    }
  }

  /** Why it was given up before its end, if it was. */
  public Optional<String> stoppedBy() {
    return Optional.ofNullable(stopped.get());
  }

  private void stop(String cause) {
    stopped.compareAndSet(null, cause);
  }

  private boolean isStopped() {
    return stopped.get() != null;
  }
}
