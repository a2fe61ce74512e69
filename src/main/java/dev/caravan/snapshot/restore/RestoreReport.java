package dev.caravan.snapshot.restore;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What became of a restore, counted from many threads. Everything that went wrong, and everything
 * that is not quite as it was, is told to the listener when it happens.
 */
public final class RestoreReport {

  /** Is told of what a person should know, one line each; from many threads. */
  public interface Listener {

    /** Something is not there as it should be: the restore has not succeeded. */
    void problem(String path, String cause);

    /** Something is there, but not wholly as it was. */
    void note(String path, String what);

    /** A phase begins: {@code transfer}, {@code links}, {@code folders}; from one thread. */
    default void begins(String phase) {}

    /** It has ended; all that was done up to now is counted. */
    default void ended(RestoreReport all) {}
  }

  private final Listener listener;
  private final LongAdder fetched = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder unchangedBytes = new LongAdder();
  private final LongAdder unchanged = new LongAdder();
  private final LongAdder replaced = new LongAdder();
  private final LongAdder links = new LongAdder();
  private final LongAdder folders = new LongAdder();
  private final LongAdder owners = new LongAdder();
  private final LongAdder problems = new LongAdder();
  private final LongAdder leftovers = new LongAdder();

  public RestoreReport(Listener listener) {
    this.listener = listener;
  }

  /** Files that were fetched. */
  public long fetched() {
    return fetched.sum();
  }

  /** Bytes of the files that were fetched. */
  public long bytes() {
    return bytes.sum();
  }

  /** Files that lay there already, with the same content. */
  public long unchanged() {
    return unchanged.sum();
  }

  /** Bytes of them. */
  public long unchangedBytes() {
    return unchangedBytes.sum();
  }

  /** Those of the fetched that replaced a file or link of another content. */
  public long replaced() {
    return replaced.sum();
  }

  public long links() {
    return links.sum();
  }

  public long folders() {
    return folders.sum();
  }

  /** Files, folders and links whose owner could not be set. */
  public long ownersLeft() {
    return owners.sum();
  }

  /** What is not there as it should be. */
  public long problems() {
    return problems.sum();
  }

  /** Unfinished files of a restore that was killed, which were deleted. */
  public long leftovers() {
    return leftovers.sum();
  }

  /** For a line of JSON. */
  public Map<String, Long> view() {
    Map<String, Long> view = new LinkedHashMap<>();
    view.put("fetched", fetched());
    view.put("bytes", bytes());
    view.put("replaced", replaced());
    view.put("unchanged", unchanged());
    view.put("links", links());
    view.put("folders", folders());
    view.put("owners_left", ownersLeft());
    view.put("leftovers", leftovers());
    view.put("problems", problems());
    return view;
  }

  void begins(String phase) {
    listener.begins(phase);
  }

  void ended() {
    listener.ended(this);
  }

  void swept(int more) {
    leftovers.add(more);
  }

  void file(Wanted wanted, FilePlacer.Placed placed) {
    if (placed.fetched()) {
      fetched.increment();
      bytes.add(wanted.sizeBytes());
    } else {
      unchanged.increment();
      unchangedBytes.add(wanted.sizeBytes());
    }
    String path = wanted.path().value();
    if (placed.local() != FilePlacer.Local.NOTHING) {
      replaced.increment();
    }
    if (placed.local() == FilePlacer.Local.NEWER) {
      listener.note(path, "what lay here was modified later than what replaced it");
    }
    if (placed.newer()) {
      listener.note(path, "newer than the manifest: a backup put it there, and did not end");
    }
    owner(wanted.path().value(), placed.owned());
  }

  void link(String path, boolean owned) {
    links.increment();
    owner(path, owned);
  }

  void folder(String path, boolean owned) {
    folders.increment();
    owner(path, owned);
  }

  void problem(String path, String cause) {
    problems.increment();
    listener.problem(path, cause);
  }

  void note(String path, String what) {
    listener.note(path, what);
  }

  private void owner(String path, boolean owned) {
    if (!owned) {
      owners.increment();
      listener.note(path, "its owner could not be set; only root may");
    }
  }
}
