package dev.caravan.arch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A text file of the project.
 *
 * @param path from the project's root, with {@code /}
 */
record SourceFile(String path, String text) {

  private static final Set<String> NOT_OURS = Set.of("target", "data", ".git", ".idea", ".vscode");

  boolean isJava() {
    return path.endsWith(".java");
  }

  boolean isMain() {
    return path.startsWith("src/main/");
  }

  /** The folder below {@code dev/caravan/}: {@code remote/s3}, {@code ""} for the root package. */
  String room() {
    String below = path.replaceFirst("^src/(main|test)/java/dev/caravan/", "");
    int slash = below.lastIndexOf('/');
    return slash < 0 ? "" : below.substring(0, slash);
  }

  String folder() {
    return path.substring(0, path.lastIndexOf('/') + 1);
  }

  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  List<String> lines() {
    return text.lines().toList();
  }

  /** Every text file of the project; what is built, or lies in a data folder, is not looked at. */
  static List<SourceFile> ofProject(Path root) {
    List<SourceFile> files = new ArrayList<>();
    try {
      Files.walkFileTree(root, new Reader(root, files));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  private static final class Reader extends SimpleFileVisitor<Path> {
    private final Path root;
    private final List<SourceFile> files;

    Reader(Path root, List<SourceFile> files) {
      this.root = root;
      this.files = files;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      boolean skip = !folder.equals(root) && NOT_OURS.contains(folder.getFileName().toString());
      return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      byte[] bytes = Files.readAllBytes(file);
      String path = root.relativize(file).toString();
      if (attributes.isRegularFile() && !path.equals(".git") && isText(bytes)) {
        files.add(new SourceFile(path, new String(bytes, StandardCharsets.UTF_8)));
      }
      return FileVisitResult.CONTINUE;
    }

    private static boolean isText(byte[] bytes) {
      for (int i = 0; i < Math.min(bytes.length, 8192); i++) {
        if (bytes[i] == 0) {
          return false;
        }
      }
      return true;
    }
  }
}
