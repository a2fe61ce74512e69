package dev.caravan.snapshot.move;

import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.manifest.EntriesAhead;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.move.Step.Way;
import dev.caravan.snapshot.tree.TreeEntry;
import dev.caravan.snapshot.tree.TreeWalk;
import dev.caravan.store.FileStat;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks along the source, the manifest of the last backup and the listing of the bucket at once,
 * all three in the order of bytes, and says what is to be done: a few entries are in memory,
 * however many there are. For one thread.
 */
final class StepFlow implements AutoCloseable {

  private final Sources from;
  private final Rules rules;
  private final Deque<Step> ready = new ArrayDeque<>();
  private final Deque<String> folders = new ArrayDeque<>();
  private @Nullable ManifestEntry before;
  private boolean ended;
  private long trashed;

  /**
   * What is walked along.
   *
   * @param before the last backup's manifest
   * @param there the objects of this backup
   * @param origin the objects of the last snapshot, which may be copied
   */
  record Sources(
      TreeWalk walk,
      Optional<EntriesAhead> before,
      SortedListing there,
      Optional<SortedListing> origin) {}

  /**
   * What holds for all steps.
   *
   * @param mirror true for a mirror, false for a snapshot
   * @param sealedAt when the last manifest of a mirror was put, by the clock of the bucket
   * @param deletes true when a mirror follows deletions
   * @param mostDeleted more files than this are never deleted
   * @param inner prefixes that belong to others
   */
  record Rules(
      boolean mirror,
      Instant sealedAt,
      boolean deletes,
      long mostDeleted,
      Set<String> inner,
      Looks looks,
      Problems problems) {}

  /** Looks at the source once more. */
  interface Looks {
    /** What is neither nothing nor a folder. */
    Optional<FileStat> at(StorePath path) throws IOException;

    /** Whether a folder is there. */
    boolean isFolder(StorePath path);
  }

  StepFlow(Sources from, Rules rules) throws IOException {
    this.from = from;
    this.rules = rules;
    advance();
  }

  /** The next step; empty at the end. */
  Optional<Step> next() throws IOException, RemoteException, HaltException {
    while (ready.isEmpty() && !ended) {
      Optional<TreeEntry> entry = from.walk().next();
      if (entry.isEmpty()) {
        passGone(null);
        ended = true;
      } else if (entry.get() instanceof TreeEntry.Found found) {
        passGone(orderKey(found));
        take(found);
      } else if (entry.get() instanceof TreeEntry.Problem problem) {
        passGone(problem.path().value());
        note(problem);
      }
    }
    return Optional.ofNullable(ready.poll());
  }

  private void note(TreeEntry.Problem problem) {
    if (isSpecial(problem.path())) {
      rules.problems().noteOdd(problem.path());
    } else {
      rules.problems().note(problem.path(), problem.cause());
    }
  }

  private boolean isSpecial(StorePath path) {
    try {
      return rules.looks().at(path).filter(s -> s.kind() == FileStat.Kind.SPECIAL).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  private void take(TreeEntry.Found found) throws IOException, RemoteException {
    StorePath path = found.path();
    Optional<ManifestEntry> same = Optional.empty();
    ManifestEntry head = before;
    if (head != null && orderKey(head).equals(orderKey(found))) {
      same = Optional.of(head);
      advance();
    }
    Optional<String> inner = innerOf(path);
    if (inner.isPresent()) {
      rules
          .problems()
          .noteForeign(
              path, "the prefix '" + inner.get() + "' belongs to the backups of another source");
      if (same.isPresent()) {
        carry(same.get());
      }
      return;
    }
    enter(path, found.kind() == FileStat.Kind.FOLDER);
    ready.add(plan(found, same));
  }

  private Optional<String> innerOf(StorePath path) {
    for (String each : rules.inner()) {
      if (path.isWithin(each)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  private Step plan(TreeEntry.Found found, Optional<ManifestEntry> same) throws RemoteException {
    boolean isFile = found.kind() == FileStat.Kind.FILE;
    String name = found.path().value();
    Optional<ObjectStat> there = isFile ? from.there().at(name) : Optional.empty();
    if (rules.mirror()) {
      return StepPlanner.mirrored(found, same, there, rules.sealedAt());
    }
    boolean asks = isFile && there.isEmpty() && StepPlanner.isUnchanged(found, same);
    Optional<ObjectStat> origin =
        asks && from.origin().isPresent() ? from.origin().get().at(name) : Optional.empty();
    return StepPlanner.dated(found, same, there, origin);
  }

  /** What the last backup had before this key, and the source has no more. */
  private void passGone(@Nullable String key) throws IOException, RemoteException, HaltException {
    ManifestEntry head = before;
    while (head != null && (key == null || StorePath.compareUtf8(orderKey(head), key) < 0)) {
      if (rules.mirror()) {
        gone(head);
      }
      advance();
      head = before;
    }
  }

  private void gone(ManifestEntry entry) throws IOException, RemoteException, HaltException {
    if (innerOf(entry.path()).isPresent()) {
      return;
    }
    boolean stays = !rules.deletes() || rules.problems().mayHide(entry.path());
    if (entry.isFile()) {
      Optional<ObjectStat> there = from.there().at(entry.path().value());
      if (there.isEmpty()) {
        return;
      }
      if (!stays) {
        trash(entry, there);
        return;
      }
    }
    if (stays && isPossible(entry)) {
      addCarried(entry);
    }
  }

  /** What is not sent any more, and is in the mirror from before, stays in its manifest. */
  private void carry(ManifestEntry entry) throws RemoteException {
    if (!entry.isFile() || from.there().at(entry.path().value()).isPresent()) {
      addCarried(entry);
    }
  }

  private void addCarried(ManifestEntry entry) {
    enter(entry.path(), entry.isFolder());
    ready.add(new Step(Way.CARRY, Optional.empty(), Optional.of(entry), Optional.empty()));
  }

  private void trash(ManifestEntry entry, Optional<ObjectStat> there) throws HaltException {
    trashed++;
    if (trashed > rules.mostDeleted()) {
      throw new HaltException(
          ("halted: while the backup ran, more files vanished from the source than MAX_DELETE"
                  + " allows (%d); what was deleted so far lies in .caravan/trash")
              .formatted(rules.mostDeleted()));
    }
    ready.add(new Step(Way.TRASH, Optional.empty(), Optional.of(entry), there));
  }

  /** A manifest names nothing twice, and nothing below what is no folder. */
  private boolean isPossible(ManifestEntry entry) {
    leave(entry.path());
    String parent = entry.path().folder();
    boolean hasParent = parent.isEmpty() || parent.equals(folders.peek());
    boolean another =
        entry.isFolder() ? isThere(entry.path()) : rules.looks().isFolder(entry.path());
    return hasParent && !another;
  }

  /** Below a folder that cannot be looked into, the walk has found nothing either. */
  private boolean isThere(StorePath path) {
    try {
      return rules.looks().at(path).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  private void enter(StorePath path, boolean isFolder) {
    leave(path);
    if (isFolder) {
      folders.push(path.value());
    }
  }

  private void leave(StorePath path) {
    while (!folders.isEmpty() && !path.isWithin(folders.getFirst())) {
      folders.pop();
    }
  }

  private void advance() throws IOException {
    before = from.before().isPresent() ? from.before().get().next().orElse(null) : null;
  }

  private static String orderKey(TreeEntry.Found found) {
    String path = found.path().value();
    return found.kind() == FileStat.Kind.FOLDER ? path + "/" : path;
  }

  private static String orderKey(ManifestEntry entry) {
    return entry.isFolder() ? entry.path().value() + "/" : entry.path().value();
  }

  @Override
  public void close() throws IOException {
    from.walk().close();
    from.there().close();
    from.origin().ifPresent(SortedListing::close);
    from.before().ifPresent(EntriesAhead::close);
  }
}
