package dev.caravan.dgraph.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at the folder that the Alpha exports to. Nothing else than exports is seen there. */
public final class AlphaFolders {

  private static final Pattern NAME =
      Pattern.compile("dgraph\\.r([0-9]{1,18})\\.u[0-9]{4}\\.[0-9]{4}");

  private final StoreTree tree;

  /**
   * @param tree of the Alpha's export folder
   */
  public AlphaFolders(StoreTree tree) {
    this.tree = tree;
  }

  /** The exports that lie there, by read timestamp as a number, then by name. */
  public List<AlphaFolder> list() throws IOException {
    List<AlphaFolder> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(tree.root())) {
      for (Path entry : entries) {
        Matcher name = NAME.matcher(entry.getFileName().toString());
        if (name.matches() && Files.isDirectory(entry, NOFOLLOW_LINKS)) {
          found.add(look(entry, Long.parseLong(name.group(1))));
        }
      }
    }
    found.sort(Comparator.comparingLong(AlphaFolder::readTs).thenComparing(AlphaFolder::name));
    return found;
  }

  private AlphaFolder look(Path folder, long readTs) throws IOException {
    String name = folder.getFileName().toString();
    List<FileStat> files = new ArrayList<>();
    long made = Long.MAX_VALUE;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      made = Files.getLastModifiedTime(folder, NOFOLLOW_LINKS).toMillis();
      for (Path entry : entries) {
        tree.stat(StorePath.of(name + "/" + entry.getFileName()))
            .filter(stat -> stat.kind() == FileStat.Kind.FILE)
            .filter(stat -> !stat.path().name().startsWith(".caravan-"))
            .ifPresent(files::add);
      }
    } catch (NoSuchFileException e) {
      // It was taken away at this moment: nothing is in it.
    }
    files.sort(Comparator.comparing(stat -> stat.path().name()));
    return new AlphaFolder(name, readTs, made, List.copyOf(files));
  }
}
