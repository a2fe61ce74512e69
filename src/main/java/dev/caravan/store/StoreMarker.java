package dev.caravan.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says that the folder at the store's path is the store, not an empty mount point or another disk.
 *
 * <p>It is the file {@code store.id} in the state folder. Its first line is a UUID. A state folder
 * inside the store comes and goes with the store's disk, so there the file's presence is the proof.
 * A state folder outside stays when the disk goes; there a second line, {@code root inode=N
 * type=FS}, says what the root folder was: a mount point without its disk has another inode. The
 * device number is left out because it changes from boot to boot. Two disks of one type that are
 * mounted at their own root look alike; against those stands the limit on deletions.
 *
 * @param root present when the state folder lies outside the store
 */
public record StoreMarker(UUID id, Optional<RootFolder> root) {
  static final String FILE_NAME = "store.id";
  private static final Pattern ROOT_LINE = Pattern.compile("root inode=(-?[0-9]+) type=(\\S*)");

  /**
   * What the root folder was when the marker was made.
   *
   * @param fileSystem type such as {@code ext4}; empty when it could not be learnt
   */
  public record RootFolder(long inode, String fileSystem) {}

  /**
   * Reads the marker of a store.
   *
   * @return empty when there is none
   * @throws IOException when it cannot be read or is not a marker
   */
  public static Optional<StoreMarker> read(StoreTree tree) throws IOException {
    Path file = tree.stateFolder().resolve(FILE_NAME);
    try {
      return Optional.of(parse(file, Files.readAllLines(file, StandardCharsets.ISO_8859_1)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Makes the marker, and the state folder where it is missing.
   *
   * @throws FileAlreadyExistsException when there is one
   * @throws StoreMissingException when the root is not there: a marker would vouch for nothing
   */
  public static StoreMarker create(StoreTree tree, UUID id) throws IOException {
    StoreMarker marker = of(tree, id);
    try (AtomicFile file = marker.written(tree)) {
      file.commitNew();
    }
    return marker;
  }

  /** Makes the marker anew for the folder that is there now: a person agreed that it is the one. */
  public static StoreMarker replace(StoreTree tree, UUID id) throws IOException {
    StoreMarker marker = of(tree, id);
    try (AtomicFile file = marker.written(tree)) {
      file.commit();
    }
    return marker;
  }

  private static StoreMarker of(StoreTree tree, UUID id) throws IOException {
    if (!Files.isDirectory(tree.root())) {
      throw new StoreMissingException(
          "Store " + tree.root() + " is not a folder; create or mount it, or correct store.path",
          null);
    }
    boolean inside = tree.stateFolder().startsWith(tree.root());
    return new StoreMarker(id, inside ? Optional.empty() : Optional.of(rootOf(tree)));
  }

  private AtomicFile written(StoreTree tree) throws IOException {
    Files.createDirectories(tree.stateFolder());
    AtomicFile file = AtomicFile.begin(tree.stateFolder().resolve(FILE_NAME));
    file.write(text().getBytes(StandardCharsets.ISO_8859_1));
    return file;
  }

  /** Why the folder that is there now is not the one this marker was made for; empty if it is. */
  public Optional<String> disagreementWith(StoreTree tree) throws IOException {
    if (root.isEmpty()) {
      return Optional.empty();
    }
    RootFolder now = rootOf(tree);
    if (now.equals(root.get())) {
      return Optional.empty();
    }
    return Optional.of(
        "Store "
            + tree.root()
            + (" is another folder than before (inode %d on %s, was %d on %s); mount the right"
                    + " disk, or delete %s to accept this one")
                .formatted(
                    now.inode(),
                    now.fileSystem(),
                    root.get().inode(),
                    root.get().fileSystem(),
                    tree.stateFolder().resolve(FILE_NAME)));
  }

  private String text() {
    String rootLine =
        root.map(r -> "root inode=" + r.inode() + " type=" + r.fileSystem() + "\n").orElse("");
    return id + "\n" + rootLine;
  }

  private static StoreMarker parse(Path file, List<String> lines) throws IOException {
    try {
      UUID id = UUID.fromString(lines.get(0).strip());
      if (lines.size() == 1) {
        return new StoreMarker(id, Optional.empty());
      }
      Matcher line = ROOT_LINE.matcher(lines.get(1));
      if (line.matches()) {
        return new StoreMarker(
            id, Optional.of(new RootFolder(Long.parseLong(line.group(1)), line.group(2))));
      }
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      // Said below, for every kind of fault.
    }
    throw new IOException(
        file + " is not a store marker; restore it from a copy, or delete it to make a new one");
  }

  private static RootFolder rootOf(StoreTree tree) throws IOException {
    return new RootFolder(NodeStat.ofTarget(tree.root()).inode(), typeOf(tree.root()));
  }

  private static String typeOf(Path root) {
    try {
      return Files.getFileStore(root).type().replaceAll("\\s", "");
    } catch (IOException e) {
      // Some jails show no mount table. The inode alone must do then, each time alike.
      return "";
    }
  }
}
