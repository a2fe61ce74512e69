package dev.caravan.cli;

import dev.caravan.archive.ArchiveDesk;
import dev.caravan.archive.ArchiveRefusal;
import dev.caravan.event.PathNames;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Registers the files below a folder, under the paths that they have there. */
record LocalWalk(ArchiveDesk desk, Clock clock) {

  private static final int SHOWN = 10;
  private static final int FAULTS_MAX = 100;

  /**
   * What came of it.
   *
   * @param first a few of the files, by their remote paths
   * @param faults why some could not be registered
   */
  record Result(long files, List<String> first, List<String> faults) {}

  /**
   * Registers them.
   *
   * @param lastEdit younger files are left out, in seconds
   * @param dry whether they are only counted
   */
  Result add(Path root, double lastEdit, boolean dry) throws IOException {
    List<String> first = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    long[] files = new long[1];
    double before = clock.millis() / 1000.0 - lastEdit;
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes look) {
            boolean old = look.lastModifiedTime().toMillis() / 1000.0 <= before;
            String local = PathNames.textOf(file);
            if (Files.isRegularFile(file) && old && !desk.isKnown(local)) {
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
