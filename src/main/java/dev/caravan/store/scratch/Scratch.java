package dev.caravan.store.scratch;

import dev.caravan.store.AtomicFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder for files that are written, read again and thrown away. For one user at a time. */
public final class Scratch {

  private final Path folder;

  public Scratch(Path folder) {
    this.folder = folder;
  }

  /** Makes the folder, and removes what a process that died left there. */
  public void open() throws IOException {
    Files.createDirectories(folder);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
      for (Path file : left) {
        if (AtomicFile.isTemporary(file.getFileName().toString())) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** Begins a file that is gone when it is closed; the caller never commits it. */
  public AtomicFile begin() throws IOException {
    return AtomicFile.begin(folder.resolve("file"));
  }

  /** How much may be written there. */
  public long freeBytes() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }
}
