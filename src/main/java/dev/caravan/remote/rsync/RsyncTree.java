package dev.caravan.remote.rsync;

import dev.caravan.config.RsyncSettings;
import dev.caravan.config.SftpSettings;
import dev.caravan.event.PathNames;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Sends many files at once by one rsync, and asks for the MD5 of many files by one command, at an
 * SSH server or in a folder of this machine. No name is ever part of a command: rsync and xargs
 * read them, divided by NULs, from a list.
 */
public final class RsyncTree {

  private final RsyncSettings settings;
  private final LinkFolder links;
  private final RsyncCommand command;
  private final RsyncErrors errors;
  private final Map<String, String> environment;
  private final RsyncLimits limits = RsyncLimits.STANDARD;
  private final Optional<Duration> copyLimit;
  private final Md5Child md5s;

  /**
   * @param links where lists of files, and links to them, lie while they are read
   * @param copyLimit the longest that one {@link #push} may take
   * @param commandLimit the longest that one command at the server may take
   */
  public RsyncTree(
      RsyncSettings settings,
      LinkFolder links,
      Optional<Duration> copyLimit,
      Duration commandLimit) {
    this.settings = settings;
    this.links = links;
    this.copyLimit = copyLimit;
    this.command = new RsyncCommand(settings, limits.stall());
    this.environment = RsyncCommand.environment(System.getenv());
    this.errors = new RsyncErrors(settings.name(), RsyncErrors.shown(place()));
    this.md5s = new Md5Child(environment, errors, links, commandLimit);
  }

  /** Where the files go, without a secret. */
  public String place() {
    return settings.host().map(host -> host + ":").orElse("") + settings.path();
  }

  /** A tree for {@link #push}; the caller closes it. */
  public LinkTree makeTree() throws IOException {
    return links.makeTree();
  }

  /**
   * Looks at what can be looked at without the server.
   *
   * @throws RemoteException when rsync is missing, or the key cannot be used; says what to mend
   */
  public void probe() throws RemoteException {
    RsyncVersion.ask(environment, errors);
    if (settings.host().isPresent() && settings.keyFile().isPresent()) {
      probeKey(settings.keyFile().get());
    }
  }

  private void probeKey(Path key) throws RemoteException {
    String shown = RsyncErrors.shown(key);
    try {
      Set<PosixFilePermission> modes = Files.getPosixFilePermissions(key);
      boolean open = modes.stream().anyMatch(mode -> !mode.name().startsWith("OWNER"));
      if (open) {
        throw errors.of(
            Cause.AUTHENTICATION,
            "the key " + shown + " can be read by others, so ssh refuses it; chmod 600 " + shown);
      }
      try (InputStream in = Files.newInputStream(key)) {
        in.read();
      }
    } catch (NoSuchFileException e) {
      throw errors.of(
          Cause.AUTHENTICATION, "there is no key " + shown + "; correct archives[].ssh_key", e);
    } catch (IOException e) {
      throw errors.of(
          Cause.AUTHENTICATION,
          "the key " + shown + " cannot be read; let the user that Caravan runs as own it",
          e);
    }
  }

  /** How a sending ended that did not fail as a whole. */
  public enum Outcome {
    ALL,
    /** Some files did not arrive; the others did. */
    PARTIAL,
    /** It took longer than it may; some files may have arrived. */
    TIMED_OUT
  }

  /**
   * What became of a sending.
   *
   * @param words what rsync said of the files that did not arrive
   */
  public record Sent(Outcome outcome, List<String> words) {}

  /**
   * Sends the files of a tree, through links; each appears under its name whole or not at all.
   *
   * @param cancelled asked now and then
   * @throws RemoteException when it failed as a whole, for a reason that concerns the server
   */
  public Sent push(LinkTree tree, BooleanSupplier cancelled) throws RemoteException {
    long until = System.nanoTime() + copyLimit.map(Duration::toNanos).orElse(Long.MAX_VALUE / 4);
    RsyncEnd end;
    try {
      end =
          RsyncChild.run(
              arguments(tree),
              environment,
              limits,
              told -> told || cancelled.getAsBoolean() || System.nanoTime() - until > 0);
    } catch (IOException e) {
      throw errors.of(Cause.OTHER, "cannot write the list of files: " + e.getMessage(), e);
    }
    if (end.isGood()) {
      return new Sent(Outcome.ALL, List.of());
    }
    if (end.how() == RsyncEnd.How.UNWANTED && System.nanoTime() - until > 0) {
      return new Sent(Outcome.TIMED_OUT, end.words());
    }
    RemoteException failure = errors.of("send a batch of files", end);
    if (end.isPartial() && !failure.reason().concernsWholeRemote()) {
      return new Sent(Outcome.PARTIAL, end.words());
    }
    throw failure;
  }

  private List<String> arguments(LinkTree tree) throws IOException {
    List<String> words = new ArrayList<>();
    words.addAll(
        List.of(
            "rsync",
            "--from0",
            "--files-from=" + PathNames.textOf(tree.list()),
            "--copy-links",
            "--protect-args",
            "--times",
            "--omit-dir-times",
            // Equal size and time prove nothing: what is sent was not verified yet.
            "--ignore-times",
            "--timeout=" + limits.stall().toSeconds(),
            "--info=progress2",
            "--outbuf=None"));
    settings.chmod().ifPresent(modes -> words.addAll(List.of("--perms", "--chmod=" + modes)));
    settings.bwlimit().ifPresent(rate -> words.add("--bwlimit=" + rate));
    Optional<SftpSettings> server = settings.server();
    if (server.isPresent()) {
      if (settings.compression()) {
        words.add("--compress");
      }
      words.add("--rsh=" + command.shell(server.get(), Optional.empty()));
    }
    words.add("--");
    words.add(PathNames.textOf(tree.root()) + "/");
    words.add(server.map(RsyncCommand::host).orElse("") + base() + "/");
    return words;
  }

  /** The folder at the destination, so that no option and no home folder is read into it. */
  private String base() {
    if (settings.server().isEmpty()) {
      return PathNames.textOf(settings.folder().path().toAbsolutePath());
    }
    String path = settings.path().isEmpty() ? "." : settings.path();
    return path.startsWith("/") ? path : "./" + path;
  }

  /**
   * The MD5 of files, by their names.
   *
   * @param unreadable names of files that may be there and cannot be read; known only of a folder
   * @param timedOut whether it took longer than it may: then files may be missing that are there
   */
  public record Sums(Map<String, String> found, Set<String> unreadable, boolean timedOut) {}

  /** The folder of this machine that the files go to, if they do. */
  public Optional<Path> folder() {
    return settings.host().isPresent()
        ? Optional.empty()
        : Optional.of(settings.folder().path().toAbsolutePath());
  }

  /**
   * Asks for the MD5 of files.
   *
   * @param names below the destination, in text form
   * @throws RemoteException when the server cannot be asked, or {@code CANCELLED}
   */
  public Sums md5s(Collection<String> names, BooleanSupplier cancelled) throws RemoteException {
    if (names.isEmpty()) {
      return new Sums(Map.of(), Set.of(), false);
    }
    return settings.server().isPresent()
        ? askServer(settings.server().get(), names, cancelled)
        : md5s.ofFolder(settings.folder().path(), names, cancelled);
  }

  private Sums askServer(SftpSettings server, Collection<String> names, BooleanSupplier cancelled)
      throws RemoteException {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    Map<String, String> byPath = new LinkedHashMap<>();
    for (String name : names) {
      String path = base() + "/" + name;
      byPath.put(path, name);
      list.writeBytes(PathNames.bytesOf(path));
      list.write(0);
    }
    List<String> ssh = new ArrayList<>(command.ssh(server, Optional.empty()));
    ssh.add(server.host());
    // All that a shell at the server gets to see.
    ssh.add("LC_ALL=C xargs -0 -r md5sum");
    Map<String, String> found = new LinkedHashMap<>();
    Sums sums = md5s.ask(ssh, list.toByteArray(), cancelled);
    sums.found()
        .forEach(
            (path, md5) -> {
              String name = byPath.get(path);
              if (name != null) {
                found.put(name, md5);
              }
            });
    return new Sums(found, Set.of(), sums.timedOut());
  }
}
