package dev.caravan.remote.rsync;

import dev.caravan.event.PathNames;
import dev.caravan.remote.KeptChild;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Runs md5sum for many files and reads what it says. */
final class Md5Child {

  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final int BUFFER = 128 * 1024;
  private static final int HEX = 32;

  /** A part of the files could not be read: that says xargs, whichever it was. */
  private static final List<Integer> SOME_FAILED = List.of(1, 123);

  /** The list goes in by the front door, where KeptChild lets nothing in. */
  private static final String FED = "exec \"$@\" <\"$0\"";

  private final Map<String, String> environment;
  private final RsyncErrors errors;
  private final LinkFolder links;
  private final Duration limit;

  Md5Child(Map<String, String> environment, RsyncErrors errors, LinkFolder links, Duration limit) {
    this.environment = environment;
    this.errors = errors;
    this.links = links;
    this.limit = limit;
  }

  /** The MD5 of each path that could be read in time, by the path. */
  RsyncTree.Sums ask(List<String> command, byte[] paths, BooleanSupplier cancelled)
      throws RemoteException {
    try (LinkTree place = links.makeTree()) {
      Path list = place.writeList("paths", paths);
      List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", FED, PathNames.textOf(list)));
      words.addAll(command);
      try (KeptChild child =
          KeptChild.start(RawArguments.of(words), environment, Redirect.PIPE, GRACE)) {
        return await(child, cancelled);
      }
    } catch (IOException e) {
      throw errors.of(Cause.OTHER, "md5sum cannot be asked: " + e.getMessage(), e);
    }
  }

  private RsyncTree.Sums await(KeptChild child, BooleanSupplier cancelled) throws RemoteException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Thread reader = read(child.output(), output, "md5-output-" + child.pid());
    Thread listener = read(child.errors(), said, "md5-errors-" + child.pid());
    long until = System.nanoTime() + limit.toNanos();
    try {
      while (true) {
        OptionalInt code = child.await(LOOK);
        if (code.isPresent()) {
          reader.join(GRACE.toMillis());
          listener.join(GRACE.toMillis());
          Map<String, String> all =
              answer(code.getAsInt(), output.toByteArray(), said.toString(StandardCharsets.UTF_8));
          return new RsyncTree.Sums(all, Set.of(), false);
        }
        if (cancelled.getAsBoolean()) {
          throw cancelled();
        }
        if (System.nanoTime() - until > 0) {
          // Whoever closes the child ends it; what it said by then is true.
          return new RsyncTree.Sums(parse(ended(output.toByteArray())), Set.of(), true);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw errors.of(Cause.CANCELLED, "cancelled, cannot ask for checksums", e);
    }
  }

  private RemoteException cancelled() {
    return errors.of(Cause.CANCELLED, "cancelled, cannot ask for checksums");
  }

  /** Without a last line that may not have come to its end. */
  static byte[] ended(byte[] output) {
    int end = output.length;
    while (end > 0 && output[end - 1] != '\n') {
      end--;
    }
    return Arrays.copyOf(output, end);
  }

  private Map<String, String> answer(int code, byte[] output, String said) throws RemoteException {
    if (code != 0 && !SOME_FAILED.contains(code)) {
      if (code == 127 || code == 126) {
        throw errors.of(
            Cause.NOT_THERE,
            "there is no xargs or md5sum in the shell of the server; install findutils and"
                + " coreutils there");
      }
      List<String> words = said.lines().limit(20).toList();
      throw errors.of("ask for checksums", new RsyncEnd(RsyncEnd.How.BY_ITSELF, code, words));
    }
    return parse(output);
  }

  /** A line that begins with a backslash has newlines and backslashes in its name escaped. */
  static Map<String, String> parse(byte[] output) {
    Map<String, String> found = new LinkedHashMap<>();
    int from = 0;
    while (from < output.length) {
      int end = from;
      while (end < output.length && output[end] != '\n') {
        end++;
      }
      boolean escaped = output[from] == '\\';
      int hex = from + (escaped ? 1 : 0);
      int name = hex + HEX + 2;
      if (name < end) {
        String md5 = new String(output, hex, HEX, StandardCharsets.US_ASCII);
        byte[] bytes = Arrays.copyOfRange(output, name, end);
        if (md5.matches("[0-9a-f]{32}")) {
          found.put(PathNames.textOf(escaped ? unescaped(bytes) : bytes), md5);
        }
      }
      from = end + 1;
    }
    return found;
  }

  private static byte[] unescaped(byte[] bytes) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\\' && i + 1 < bytes.length) {
        i++;
        plain.write(bytes[i] == 'n' ? '\n' : bytes[i] == 'r' ? '\r' : bytes[i]);
      } else {
        plain.write(bytes[i]);
      }
    }
    return plain.toByteArray();
  }

  private static Thread read(InputStream in, ByteArrayOutputStream out, String name) {
    Thread thread =
        new Thread(
            () -> {
              try (in) {
                in.transferTo(out);
              } catch (IOException e) {
                // It ended, or was ended.
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** The same for a folder of this machine, by the names below it. */
  RsyncTree.Sums ofFolder(Path folder, Collection<String> names, BooleanSupplier cancelled)
      throws RemoteException {
    Map<String, String> found = new LinkedHashMap<>();
    Set<String> unreadable = new HashSet<>();
    for (String name : names) {
      if (cancelled.getAsBoolean()) {
        throw cancelled();
      }
      try (InputStream in = Files.newInputStream(PathNames.resolve(folder, name))) {
        MessageDigest md5 = MessageDigest.getInstance("MD5");
        byte[] buffer = new byte[BUFFER];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          md5.update(buffer, 0, n);
        }
        found.put(name, HexFormat.of().formatHex(md5.digest()));
      } catch (NoSuchFileException e) {
        // It has no checksum.
      } catch (IOException e) {
        unreadable.add(name);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
    return new RsyncTree.Sums(found, unreadable, false);
  }
}
