package dev.caravan.store;

import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.store.watch.ChangeListener;
import dev.caravan.store.watch.FolderCount;
import dev.caravan.store.watch.Heartbeat;
import dev.caravan.store.watch.WatchState;
import io.methvin.watcher.DirectoryChangeEvent;
import io.methvin.watcher.DirectoryChangeListener;
import io.methvin.watcher.DirectoryWatcher;
import io.methvin.watcher.visitor.FileTreeVisitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Tells soon that something in the store changed, so that nobody has to wait for the next scan.
 *
 * <p>A hint, never the truth: events can be lost, doubled or late, and network file systems send
 * none for what others do. So a watch that cannot start or goes on only in part says so in {@link
 * #problem} and does no harm. What belongs to Caravan itself and what the filters leave out is not
 * reported.
 */
public final class StoreWatch implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration BEAT = Duration.ofSeconds(10);

  /** After this, what could not be watched is tried again. */
  private static final Duration RETRY = Duration.ofSeconds(30);

  /** Registering that takes longer may have missed what happened before it came by. */
  private static final Duration BRIEF = Duration.ofSeconds(1);

  private final StoreTree tree;
  private final Filters filters;
  private final ChangeListener told;
  private final Set<String> reserved;
  private final Thread thread;
  private final AtomicLong overflows = new AtomicLong();
  private final FolderCount folders = new FolderCount();
  private final Duration beatEvery;
  private volatile Optional<Heartbeat> heartbeat = Optional.empty();
  private volatile Optional<DirectoryWatcher> watcher = Optional.empty();
  private volatile Optional<Instant> lastChange = Optional.empty();
  private volatile Optional<String> problem = Optional.empty();
  private volatile boolean watching;
  private volatile boolean again;
  private boolean unseen;
  private volatile boolean closed;

  /** Where watches come from; a test lets it fail as the kernel does at its limits. */
  interface Services {
    WatchService open() throws IOException;
  }

  private StoreWatch(
      StoreTree tree, Filters filters, ChangeListener told, Services services, Duration beatEvery) {
    this.tree = tree;
    this.beatEvery = beatEvery;
    this.filters = filters;
    this.told = told;
    this.reserved = tree.reservedPaths();
    this.thread = new Thread(() -> run(services), "caravan-watch");
    thread.setDaemon(true);
  }

  /**
   * Starts to watch, on a thread of its own; folders are registered there, which takes about 0.1 ms
   * each. Never fails: see {@link #problem}.
   *
   * @param told is called on that thread for every event, often; it must return at once and not
   *     throw
   */
  public static StoreWatch start(StoreTree tree, Filters filters, ChangeListener told) {
    return start(tree, filters, told, () -> FileSystems.getDefault().newWatchService());
  }

  static StoreWatch start(StoreTree tree, Filters filters, ChangeListener told, Services services) {
    return start(tree, filters, told, services, BEAT);
  }

  /** The same; {@code beatEvery} so often something is changed to see whether it is noticed. */
  static StoreWatch start(
      StoreTree tree, Filters filters, ChangeListener told, Services services, Duration beatEvery) {
    StoreWatch watch = new StoreWatch(tree, filters, told, services, beatEvery);
    tree.inHand().follow(path -> watch.changed(Optional.of(path)));
    watch.thread.start();
    return watch;
  }

  /** True from the moment when every folder is registered until the watch ends. */
  public boolean isWatching() {
    return watching;
  }

  /** True while every change in the store is noticed. */
  public boolean isWhole() {
    return watching && problem.isEmpty();
  }

  /** Why changes are not, or not all, noticed. Empty while starting, and while all is well. */
  public Optional<String> problem() {
    return problem;
  }

  /** How often the kernel dropped events because too many came at once. */
  public long overflows() {
    return overflows.get();
  }

  /** All that is known of it. */
  public WatchState state() {
    return new WatchState(
        watching,
        folders.watched(),
        folders.unwatched(),
        heartbeat.map(Heartbeat::ageSeconds).orElse(OptionalLong.empty()),
        lastChange,
        overflows.get(),
        problem);
  }

  @Override
  public void close() {
    closed = true;
    heartbeat.ifPresent(Heartbeat::close);
    watcher.ifPresent(StoreWatch::close);
    if (Thread.currentThread() == thread) {
      return;
    }
    thread.interrupt();
    try {
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(Services services) {
    while (!closed) {
      again = false;
      watch(services);
      heartbeat.ifPresent(Heartbeat::close);
      unseen = true;
      if (!again && !closed) {
        pause();
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(RETRY.toMillis());
    } catch (InterruptedException e) {
      // Only a close interrupts.
    }
  }

  private void watch(Services services) {
    try (WatchService service = services.open()) {
      // A root that is a link would be taken for a file.
      Path realRoot = tree.root().toRealPath();
      Instant begun = tree.clock().instant();
      folders.begin(realRoot);
      heartbeat = heartbeat();
      // First the heartbeat: at the limit of the kernel the store takes all that is left.
      List<Path> roots = new ArrayList<>();
      heartbeat.ifPresent(beat -> roots.add(beat.folder()));
      roots.add(realRoot);
      DirectoryWatcher built =
          DirectoryWatcher.builder()
              .paths(roots)
              .watchService(service)
              .fileHashing(false)
              .fileTreeVisitor(new WatchedFolders())
              .listener(new Listener())
              .build();
      watcher = Optional.of(built);
      built.watchAsync(eventLoop -> follow(eventLoop, begun)).join();
      if (!again) {
        end("the root went away");
      }
    } catch (IOException | CompletionException e) {
      end(Faults.causeOf(e));
    } catch (ClosedWatchServiceException e) {
      end("it was closed");
    }
  }

  /** Begins when all folders are registered, ends with the watch. */
  private void follow(Runnable eventLoop, Instant begun) {
    problem = folders.problem(tree.root());
    watching = !closed;
    heartbeat.ifPresent(Heartbeat::begin);
    Duration took = Duration.between(begun, tree.clock().instant());
    if (unseen || took.compareTo(BRIEF) > 0) {
      // What happened while the folders were registered went unseen.
      changed(Optional.empty());
    }
    eventLoop.run();
  }

  /** Without a place for it, nothing proves that events come through. */
  private Optional<Heartbeat> heartbeat() {
    try {
      Path folder = tree.stateFolder().resolve("watch");
      return Optional.of(new Heartbeat(folder, beatEvery, this::silent));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A change of our own was not noticed: those of others are not either, so all begins anew. */
  private void silent() {
    problem = Optional.of(problemOf("no event comes through any more"));
    again = true;
    watcher.ifPresent(StoreWatch::close);
  }

  private void changed(Optional<StorePath> path) {
    lastChange = Optional.of(tree.clock().instant());
    told.changed(path);
  }

  private void end(String cause) {
    watching = false;
    if (!closed) {
      problem = Optional.of(problemOf(cause));
    }
  }

  private String problemOf(String cause) {
    return "Not watching "
        + tree.root()
        + ": "
        + cause
        + "; changes wait for the next scan (is fs.inotify.max_user_watches large enough?)";
  }

  private static void close(DirectoryWatcher watcher) {
    try {
      watcher.close();
    } catch (IOException e) {
      throw new UncheckedIOException("The watch of the store could not be closed", e);
    }
  }

  /** True for what a scan would meet or look into. */
  private boolean isOfInterest(StorePath path) {
    return reserved.stream().noneMatch(path::isWithin)
        && (filters.admits(path) || filters.mayAdmitBelow(path.value()));
  }

  /** Empty for the root itself. */
  private static Optional<StorePath> storePath(Path realRoot, Path path) {
    String text = PathNames.textOf(realRoot.relativize(path));
    return text.isEmpty() ? Optional.empty() : Optional.of(StorePath.of(text));
  }

  private final class Listener implements DirectoryChangeListener {
    @Override
    public void onEvent(DirectoryChangeEvent event) {
      if (event.eventType() == DirectoryChangeEvent.EventType.OVERFLOW) {
        eventsWereLost();
        return;
      }
      Optional<Heartbeat> beat = heartbeat;
      if (beat.isPresent() && event.path().startsWith(beat.get().folder())) {
        beat.get().heard();
        return;
      }
      if (AtomicFile.isTemporary(PathNames.textOf(event.path().getFileName()))) {
        return;
      }
      if (event.eventType() == DirectoryChangeEvent.EventType.DELETE) {
        folders.removed(event.path());
      }
      Optional<StorePath> path = storePath(event.rootPath(), event.path());
      // What Caravan itself brings is on record, or will be.
      if (path.filter(each -> !isOfInterest(each) || tree.inHand().isNoNews(each)).isEmpty()) {
        changed(path);
      }
    }

    /** After lost events new folders may be unknown: the watch ends and begins anew. */
    @Override
    public boolean isWatching() {
      return !again;
    }

    @Override
    public void onException(Exception e) {
      if (e instanceof NullPointerException) {
        // An overflow names no path; version 0.19.1 of the library looks that path up in a map.
        eventsWereLost();
      } else {
        // Mostly a new folder that could not be registered: what happens in it is not noticed.
        problem = Optional.of(problemOf(e instanceof IOException io ? Faults.causeOf(io) : "" + e));
      }
    }

    private void eventsWereLost() {
      overflows.incrementAndGet();
      again = true;
      changed(Optional.empty());
    }
  }

  /**
   * Finds the folders to watch: those that the watch is interested in. A folder that is gone or may
   * not be read is passed over; the scan reports it.
   */
  private final class WatchedFolders implements FileTreeVisitor {
    /** Without it nothing proves that events come through, but they do. */
    private void watchBeat(Path folder, Callback onFolder) {
      try {
        onFolder.call(folder);
      } catch (IOException e) {
        folders.refused(folder, Faults.causeOf(e));
        heartbeat.ifPresent(Heartbeat::close);
        heartbeat = Optional.empty();
      }
    }

    @Override
    public void recursiveVisitFiles(Path start, Callback onFolder, Callback onFile)
        throws IOException {
      if (heartbeat.filter(beat -> start.equals(beat.folder())).isPresent()) {
        watchBeat(start, onFolder);
        return;
      }
      Path realRoot = tree.root().toRealPath();
      Files.walkFileTree(
          start,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                throws IOException {
              if (storePath(realRoot, folder).filter(each -> !isOfInterest(each)).isPresent()) {
                return FileVisitResult.SKIP_SUBTREE;
              }
              try {
                onFolder.call(folder);
                folders.added(folder);
                return FileVisitResult.CONTINUE;
              } catch (NoSuchFileException | NotDirectoryException e) {
                return FileVisitResult.SKIP_SUBTREE;
              } catch (AccessDeniedException e) {
                folders.refused(folder, "it may not be read");
                return FileVisitResult.SKIP_SUBTREE;
              } catch (IOException e) {
                // At the limit of the kernel the others stay watched, and this one is scanned.
                folders.refused(folder, Faults.causeOf(e));
                problem = folders.problem(realRoot);
                return FileVisitResult.CONTINUE;
              }
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              onFile.call(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    }
  }
}
