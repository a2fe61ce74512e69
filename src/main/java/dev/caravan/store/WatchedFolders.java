package dev.caravan.store;

import io.methvin.watcher.visitor.FileTreeVisitor;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the folders to watch: those that the watch is interested in. A folder that is gone or may
 * not be read is passed over; the scan reports it.
 */
final class WatchedFolders implements FileTreeVisitor {
  private final Predicate<Path> ofInterest;

  WatchedFolders(Predicate<Path> ofInterest) {
    this.ofInterest = ofInterest;
  }

  @Override
  public void recursiveVisitFiles(Path start, Callback onFolder, Callback onFile)
      throws IOException {
    Files.walkFileTree(
        start,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (!ofInterest.test(folder)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            try {
              onFolder.call(folder);
              return FileVisitResult.CONTINUE;
            } catch (NoSuchFileException | NotDirectoryException | AccessDeniedException e) {
              return FileVisitResult.SKIP_SUBTREE;
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
