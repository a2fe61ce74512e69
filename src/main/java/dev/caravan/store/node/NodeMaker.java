package dev.caravan.store.node;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import dev.caravan.store.traits.Traits;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Makes folders and links that are not there, never in the place of something, and never through a
 * link.
 */
public final class NodeMaker {

  private static final long MICROSECOND = 1_000;

  /** The permissions of a folder until all is in it. */
  public static final int CLOSED = 0700;

  /** Those bits of a mode that are permissions. */
  public static final int PERMISSIONS = 07777;

  private final StoreTree tree;

  public NodeMaker(StoreTree tree) {
    this.tree = tree;
  }

  /**
   * Makes a folder, closed to everybody else until {@link #finish}.
   *
   * @return false when something lies there already
   * @throws IOException when it cannot be made, also because a folder above it is a link
   */
  public boolean makeFolder(StorePath path) throws IOException {
    Path folder = tree.makeFoldersFor(path);
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
    Files.setAttribute(folder, "unix:mode", CLOSED, NOFOLLOW_LINKS);
    return true;
  }

  /** True when nothing lies there; not through links. */
  public boolean isAway(StorePath path) {
    return !Files.exists(tree.pathOf(path), NOFOLLOW_LINKS);
  }

  /** How a folder or link looks now, not through it; empty when it is gone. */
  public Optional<FileStat> find(StorePath path) throws IOException {
    return tree.statAny(path);
  }

  /** True for a folder that is closed, as {@link #makeFolder} leaves it. */
  public boolean isClosed(StorePath path) throws IOException {
    Path folder = tree.pathOf(path);
    return Files.isDirectory(folder, NOFOLLOW_LINKS)
        && Files.getAttribute(folder, "unix:mode", NOFOLLOW_LINKS) instanceof Integer mode
        && (mode & PERMISSIONS) == CLOSED;
  }

  /**
   * Gives a folder that was made what it had.
   *
   * @return what it could not be given
   */
  public List<String> finish(StorePath path, Traits traits) {
    return traits.giveTo(tree.pathOf(path));
  }

  /**
   * Makes a link.
   *
   * @param target one that {@link LinkRule#refusal} has nothing against
   * @param traits of which a link has no permissions, and the time in microseconds
   * @return what it could not be given; empty when something lies there already
   * @throws IOException when it cannot be made
   */
  public Optional<List<String>> makeLink(StorePath path, String target, Traits traits)
      throws IOException {
    Path link = tree.makeFoldersFor(path);
    try {
      Files.createSymbolicLink(link, PathNames.pathOf(target));
    } catch (FileAlreadyExistsException e) {
      return Optional.empty();
    } catch (UnsupportedOperationException e) {
      throw new IOException("this file system has no links", e);
    }
    // Java sets the times of links in microseconds.
    long exact = traits.modifiedNs().orElseThrow();
    OptionalLong time = OptionalLong.of(Math.floorDiv(exact, MICROSECOND) * MICROSECOND);
    return Optional.of(new Traits(OptionalInt.empty(), traits.owner(), time).giveTo(link));
  }

  /**
   * Where a link leads to, as it is written.
   *
   * @return empty when it is gone, or is no link any more
   */
  public Optional<String> targetOf(StorePath path) {
    try {
      return Optional.of(PathNames.textOf(Files.readSymbolicLink(tree.pathOf(path))));
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }
}
