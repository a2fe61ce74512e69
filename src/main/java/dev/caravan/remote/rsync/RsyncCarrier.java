package dev.caravan.remote.rsync;

import dev.caravan.config.RsyncSettings;
import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.PathNames;
import dev.caravan.remote.FileCarrier;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.Sha256;
import dev.caravan.remote.rsync.RsyncCommand.Way;
import dev.caravan.remote.rsync.RsyncEnd.How;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Carries files by rsync, as another program. Small ones go together; a big one goes in segments,
 * each appended to those before, so that its copy on this machine never is a whole one.
 */
public final class RsyncCarrier implements FileCarrier {

  /** Up to this, a file waits for others to go with. */
  static final long SMALL_BYTES = 4L << 20;

  /** Big files at once; each has a segment of it on this machine. */
  private static final int BIG_ONES = 3;

  /** Children at once, where their rate is not limited: the small files need one more. */
  private static final int CHILDREN = BIG_ONES + 1;

  private final RsyncSettings settings;
  private final Map<String, String> environment;
  private final RsyncLimits limits;
  private final RsyncErrors errors;
  private final RsyncCommand command;
  private final Spool spool;
  private final SshLine line;
  private final Batches batches =
      new Batches((folder, names, need) -> push(folder, names, Way.WHOLE, need));
  private final Semaphore bigOnes = new Semaphore(BIG_ONES, true);
  private final Semaphore children;

  public RsyncCarrier(RsyncSettings settings) {
    this(settings, System.getenv(), RsyncLimits.STANDARD);
  }

  /**
   * For tests.
   *
   * @param ours the environment that the child gets a part of
   */
  RsyncCarrier(RsyncSettings settings, Map<String, String> ours, RsyncLimits limits) {
    this.settings = settings;
    this.environment = RsyncCommand.environment(ours);
    this.limits = limits;
    String at = settings.host().map(host -> host + ":").orElse("") + settings.path();
    this.errors = new RsyncErrors(settings.name(), RsyncErrors.shown(at));
    this.command = new RsyncCommand(settings, limits.stall());
    this.spool = new Spool(Path.of(System.getProperty("java.io.tmpdir", "/tmp")), errors);
    this.line = new SshLine(environment);
    this.children = new Semaphore(settings.bwlimit().isPresent() ? 1 : CHILDREN, true);
  }

  @Override
  public String provider() {
    return settings.provider();
  }

  @Override
  public boolean keepsPermissions() {
    return settings.chmod().isEmpty();
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    return Map.of("rsync", RsyncVersion.ask(environment, errors));
  }

  @Override
  public void carry(ObjectContent content, ObjectKey key, String folder, String name, long from)
      throws RemoteException, IOException {
    if (content.sizeBytes() <= SMALL_BYTES) {
      carrySmall(content, key, folder, name);
      return;
    }
    try {
      bigOnes.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw errors.of(Cause.CANCELLED, "cancelled while waiting for other transfers", e);
    }
    try {
      if (from < content.sizeBytes()) {
        carryBig(content, key, folder, name, from);
      } else {
        describe(content, key, folder, name);
      }
    } finally {
      bigOnes.release();
    }
  }

  @Override
  public void close() {
    line.close();
    spool.close();
  }

  private void carrySmall(ObjectContent content, ObjectKey key, String folder, String name)
      throws RemoteException, IOException {
    long size = content.sizeBytes();
    MessageDigest hash = Sha256.begin();
    try {
      try (InputStream in = content.open(0, size)) {
        ensureSame(key, size == spool.fill(name, in, 0, size, hash));
      }
      ensureSame(key, isOf(content, hash));
      spool.describe(name, content);
      Batches.Outcome outcome = batches.carry(folder, name);
      RsyncEnd end = outcome.end();
      if (end.isPartial() && outcome.shared()) {
        // Which of them it was, each finds out for itself.
        end = push(folder, List.of(name), Way.WHOLE, toldToStop -> toldToStop);
      }
      ensureGood(key, end);
    } finally {
      spool.remove(name);
    }
  }

  private void carryBig(ObjectContent content, ObjectKey key, String folder, String name, long from)
      throws RemoteException, IOException {
    long size = content.sizeBytes();
    MessageDigest hash = Sha256.begin();
    try (InputStream in = content.open(from, size - from)) {
      for (long at = from; at < size; ) {
        long length = Math.min(limits.segmentBytes(), size - at);
        ensureSame(key, length == spool.fill(name, in, at, length, hash));
        boolean last = at + length == size;
        ensureSame(key, !last || from > 0 || isOf(content, hash));
        spool.describe(name, content);
        Way way = at > 0 ? Way.ONWARD : Way.WHOLE;
        ensureGood(key, push(folder, List.of(name), way, toldToStop -> toldToStop));
        at += length;
      }
    } finally {
      spool.remove(name);
    }
  }

  /** Where all of it is there already, its time may not be: that is set at the end. */
  private void describe(ObjectContent content, ObjectKey key, String folder, String name)
      throws RemoteException, IOException {
    try (InputStream last = new ByteArrayInputStream(new byte[1])) {
      spool.fill(name, last, content.sizeBytes() - 1, 1, Sha256.begin());
      spool.describe(name, content);
      ensureGood(key, push(folder, List.of(name), Way.ATTRIBUTES, toldToStop -> toldToStop));
    } finally {
      spool.remove(name);
    }
  }

  /** Runs a child when it is its turn. */
  private RsyncEnd push(String folder, List<String> names, Way way, RsyncChild.Need need) {
    boolean toldToStop = false;
    try {
      while (true) {
        try {
          if (children.tryAcquire(limits.look().toMillis(), TimeUnit.MILLISECONDS)) {
            break;
          }
        } catch (InterruptedException e) {
          toldToStop = true;
        }
        if (need.isOver(toldToStop)) {
          return new RsyncEnd(How.UNWANTED, 0, List.of());
        }
      }
      try {
        return pushNow(folder, names, way, need);
      } finally {
        children.release();
      }
    } finally {
      if (toldToStop) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private RsyncEnd pushNow(String folder, List<String> names, Way way, RsyncChild.Need need) {
    String list = "";
    try {
      list = spool.list(names);
      String from = spool.place();
      List<String> push = command.push(from, from + "/" + list, folder, way, socket());
      return RsyncChild.run(push, environment, limits, need);
    } catch (RemoteException e) {
      return new RsyncEnd(How.NOT_STARTED, 0, List.of(String.valueOf(e.getMessage())));
    } finally {
      spool.remove(list);
    }
  }

  /** Where a connection is shared; there is one by then, unless it cannot be made. */
  private Optional<String> socket() throws RemoteException {
    Path socket = spool.path("ssh");
    if (settings.server().isEmpty() || !SshLine.isPossibleAt(socket)) {
      return Optional.empty();
    }
    String text = PathNames.textOf(socket);
    line.open(command.line(settings.server().get(), text), socket);
    return Optional.of(text);
  }

  private static boolean isOf(ObjectContent content, MessageDigest hash) {
    return HexFormat.of().formatHex(hash.digest()).equals(content.sha256());
  }

  private static void ensureSame(ObjectKey key, boolean same) throws ContentChangedException {
    if (!same) {
      throw new ContentChangedException(
          "File "
              + RsyncErrors.shown(key)
              + " is no longer what was hashed; it is sent again later");
    }
  }

  private void ensureGood(ObjectKey key, RsyncEnd end) throws RemoteException {
    if (!end.isGood()) {
      throw errors.of("store " + RsyncErrors.shown(key), end);
    }
  }
}
