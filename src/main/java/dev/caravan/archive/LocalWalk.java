package dev.caravan.archive;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.event.PathNames;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Registers the files below a folder, under the paths that they have there. */
public record LocalWalk(ArchiveDesk desk, Clock clock) {

  private static final int SHOWN = 10;
  private static final int FAULTS_MAX = 100;

  /**
   * What came of it.
   *
   * @param first a few of the files, by their remote paths
   * @param faults why some could not be registered
   */
  public record Result(long files, List<String> first, List<String> faults) {}

  /**
   * Registers those that were never registered.
   *
   * @param lastEdit younger files are left out, in seconds
   * @param dry whether they are only counted
   */
  public Result add(Path root, double lastEdit, boolean dry) throws IOException {
    return walk(root, lastEdit, dry, local -> !desk.isKnown(local));
  }

  /**
   * Registers those that are not on record as being there: a file that was deleted after its copy
   * was proven, and is there anew, is another one.
   *
   * @param lastEdit younger files are left out, in seconds
   * @param since files whose time of change is older are not even asked for, in seconds since 1970
   */
  Result follow(Path root, double lastEdit, double since) throws IOException {
    return walk(root, lastEdit, false, local -> changedAt(local) >= since && !desk.isThere(local));
  }

  private static double changedAt(String local) throws IOException {
    FileTime time =
        (FileTime) Files.getAttribute(LocalPaths.of(local), "unix:ctime", NOFOLLOW_LINKS);
    return time.toMillis() / 1000.0;
  }

  /** Whether a file is to be registered. */
  private interface Wanted {
    boolean test(String local) throws IOException;
  }

  private Result walk(Path root, double lastEdit, boolean dry, Wanted wanted) throws IOException {
    List<String> first = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    long[] files = new long[1];
    double before = clock.millis() / 1000.0 - lastEdit;
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes look) throws IOException {
            boolean old = look.lastModifiedTime().toMillis() / 1000.0 <= before;
            String local = PathNames.textOf(file);
            if (old && Files.isRegularFile(file) && isWanted(local)) {
              String remote = PathNames.textOf(root.relativize(file));
              if (dry || register(local, remote, faults)) {
                files[0]++;
                if (first.size() < SHOWN) {
                  first.add(remote);
                }
              }
            }
            return FileVisitResult.CONTINUE;
          }

          /** A file that goes while it is looked at was none. */
          private boolean isWanted(String local) throws IOException {
            try {
              return wanted.test(local);
            } catch (NoSuchFileException e) {
              return false;
            }
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(root)) {
              throw e;
            }
            note(faults, file + ": " + e.getMessage());
            return FileVisitResult.CONTINUE;
          }
        });
    return new Result(files[0], first, faults);
  }

  private boolean register(String local, String remote, List<String> faults) {
    try {
      desk.add(new ArchiveDesk.Wish(local, remote, OptionalDouble.empty(), Optional.empty(), true));
      return true;
    } catch (ArchiveRefusal e) {
      note(faults, String.valueOf(e.getMessage()));
      return false;
    }
  }

  private static void note(List<String> faults, String fault) {
    if (faults.size() < FAULTS_MAX) {
      faults.add(fault);
    }
  }
}
