package dev.caravan.lab;

import dev.caravan.config.SftpSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real OpenSSH server on loopback, which lets the user of the tests in by key. It has one port
 * for each way in which such servers are set up.
 */
public final class SshServer implements AutoCloseable {

  /** What the server allows. */
  public enum Door {
    /** All that OpenSSH does by default. */
    SHELL,
    /** SFTP and nothing else. */
    SFTP_ONLY,
    /** SFTP as the draft of 2001 has it, without any extension. */
    PLAIN,
    /** Nothing may be changed. */
    READ_ONLY,
    /** A shell that finds no program for checksums but md5sum. */
    MD5_ONLY
  }

  public static final String PASSPHRASE = "opensesame";

  private static SshServer shared;

  private final Path folder;
  private final List<Integer> ports;

  private SshServer(Path folder, List<Integer> ports) {
    this.folder = folder;
    this.ports = ports;
  }

  /** The one for tests that leave it as it is; stopped when the JVM ends. */
  public static synchronized SshServer shared() {
    if (shared == null) {
      shared = startIn(Path.of("target", "lab", "sshd-" + ProcessHandle.current().pid()));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> shared.run("wipe")));
    }
    return shared;
  }

  /** One of the caller's own, who may stop it and start it again. */
  public static SshServer startIn(Path folder) {
    SshServer server = new SshServer(folder.toAbsolutePath(), freePorts());
    server.start();
    return server;
  }

  public void start() {
    run("start");
  }

  public void stop() {
    run("stop");
  }

  /** Cuts every connection, and what serves it, in the middle of what it does. */
  public void dropConnections() {
    listener().descendants().forEach(ProcessHandle::destroyForcibly);
  }

  /** Goes away, and takes its connections along. */
  public void crash() {
    ProcessHandle listener = listener();
    List<ProcessHandle> all = new ArrayList<>(listener.descendants().toList());
    all.add(0, listener);
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(process -> process.onExit().join());
  }

  private ProcessHandle listener() {
    return ProcessHandle.of(Long.parseLong(read("pid").strip())).orElseThrow();
  }

  public int port(Door door) {
    return ports.get(door.ordinal());
  }

  /** A file that the server was made with, such as {@code id}. */
  public Path file(String name) {
    return folder.resolve(name);
  }

  public String read(String name) {
    try {
      return Files.readString(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Settings to reach a folder of this machine through the server. */
  public SftpPlace place(Door door, Path at) {
    return new SftpPlace(
        new SftpSettings(
            "nas",
            "127.0.0.1",
            port(door),
            System.getProperty("user.name"),
            at.toString(),
            Optional.of(file("id")),
            Optional.empty(),
            Optional.empty(),
            Optional.of(file("known_hosts")),
            Optional.empty(),
            8));
  }

  /**
   * The same by way of another port of the loopback.
   *
   * @param folder gets the file that says which host key is to be found there
   */
  public SftpPlace place(Door door, Path at, int through, Path folder) throws IOException {
    String line = "[127.0.0.1]:%d %s".formatted(through, read("hostkey.pub"));
    Path known = Files.writeString(folder.resolve("known_hosts"), line);
    return place(door, at).host("127.0.0.1", through).knownHosts(known);
  }

  @Override
  public void close() {
    stop();
  }

  private void run(String command) {
    try {
      Files.createDirectories(folder);
      String script = Path.of("src", "test", "lab", "sshd.sh").toString();
      ProcessBuilder builder = new ProcessBuilder(List.of("bash", script, command));
      builder.environment().put("LAB_DATA", folder.toString());
      builder
          .environment()
          .put("LAB_PORTS", String.join(" ", ports.stream().map(String::valueOf).toList()));
      Path log = Files.createTempFile("sshd-", ".log");
      builder.redirectErrorStream(true).redirectOutput(log.toFile());
      Process process = builder.start();
      boolean good = process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
      String said = Files.readString(log);
      Files.delete(log);
      if (!good) {
        process.destroyForcibly();
        throw new IllegalStateException("sshd.sh " + command + " failed: " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static List<Integer> freePorts() {
    return Stream.generate(Ports::free).distinct().limit(Door.values().length).toList();
  }
}
