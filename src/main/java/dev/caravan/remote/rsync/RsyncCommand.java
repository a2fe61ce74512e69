package dev.caravan.remote.rsync;

import dev.caravan.config.RsyncSettings;
import dev.caravan.config.SftpSettings;
import dev.caravan.event.PathNames;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How rsync is called, and ssh by it. No shell sees a name: rsync reads those of the files from a
 * list and sends its other arguments over the line. Nothing of {@code ~/.ssh/config} is read, no
 * agent is asked, and nobody could type a password.
 */
final class RsyncCommand {

  /** What becomes of files that are there already. */
  enum Way {
    /** They are written anew. Equal times prove nothing, so they are not looked at. */
    WHOLE("--whole-file", "--ignore-times"),
    /** They are gone on with at their end, and nothing before that is looked at. */
    ONWARD("--append", "--ignore-times"),
    /** They have their whole length, and get only their time and permissions. */
    ATTRIBUTES("--size-only");

    private final List<String> options;

    Way(String... options) {
      this.options = List.of(options);
    }
  }

  /** What the child learns of our environment. */
  private static final List<String> INHERITED = List.of("PATH", "HOME", "USER", "LOGNAME", "TZ");

  private final RsyncSettings settings;
  private final Duration silence;

  /**
   * @param silence after which rsync gives up by itself
   */
  RsyncCommand(RsyncSettings settings, Duration silence) {
    this.settings = settings;
    this.silence = silence;
  }

  static List<String> version() {
    return List.of("rsync", "--version");
  }

  /** The whole environment of the child; in English, for its words are looked into. */
  static Map<String, String> environment(Map<String, String> ours) {
    Map<String, String> environment = new TreeMap<>();
    INHERITED.stream()
        .filter(ours::containsKey)
        .forEach(name -> environment.put(name, String.valueOf(ours.get(name))));
    environment.put("LC_ALL", "C");
    return environment;
  }

  /**
   * Writes files of one folder to another, under the names that they have.
   *
   * @param list file with the names, each ended by a NUL
   * @param socket of an ssh whose connection may be shared
   */
  List<String> push(String from, String list, String to, Way way, Optional<String> socket) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(
            "rsync",
            "--from0",
            "--files-from=" + list,
            "--no-relative",
            "--no-dirs",
            "--protect-args",
            "--times",
            "--omit-dir-times",
            "--perms",
            // The name is a temporary one already, and what is left of it must be found by it.
            "--inplace",
            "--timeout=" + silence.toSeconds(),
            "--info=progress2",
            "--outbuf=None"));
    arguments.addAll(way.options);
    settings.chmod().ifPresent(modes -> arguments.add("--chmod=" + modes));
    settings.bwlimit().ifPresent(rate -> arguments.add("--bwlimit=" + rate));
    Optional<SftpSettings> server = settings.server();
    if (server.isPresent()) {
      if (settings.compression()) {
        arguments.add("--compress");
      }
      arguments.add("--rsh=" + shell(server.get(), socket));
    }
    arguments.add("--");
    arguments.add(from + "/");
    arguments.add(server.map(RsyncCommand::host).orElse("") + to + "/");
    return List.copyOf(arguments);
  }

  static String host(SftpSettings server) {
    return server.host().contains(":") ? "[" + server.host() + "]:" : server.host() + ":";
  }

  /** An ssh that logs in, does nothing, and shares its connection. */
  List<String> line(SftpSettings server, String socket) {
    List<String> words = new ArrayList<>(ssh(server, Optional.of(socket)));
    words.addAll(List.of("-N", "-o", "ControlMaster=yes", server.host()));
    return List.copyOf(words);
  }

  /** In rsync's own way to write a command: blanks divide, quotes hold together. */
  String shell(SftpSettings server, Optional<String> socket) {
    return ssh(server, socket).stream()
        .map(word -> "'" + word + "'")
        .collect(Collectors.joining(" "));
  }

  /** The words with which an ssh is called that asks nobody anything. */
  List<String> ssh(SftpSettings server, Optional<String> socket) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("ssh", "-F", "none", "-T", "-p", Integer.toString(server.port())));
    words.addAll(List.of("-l", server.user()));
    server.keyFile().ifPresent(file -> words.addAll(List.of("-i", literal(file))));
    String known = literal(settings.knownHosts());
    for (String option :
        List.of(
            "BatchMode=yes",
            "StrictHostKeyChecking=yes",
            "UserKnownHostsFile=\"" + known + "\"",
            "GlobalKnownHostsFile=none",
            "UpdateHostKeys=no",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "PreferredAuthentications=publickey",
            "ConnectTimeout=20",
            "ServerAliveInterval=20",
            "ServerAliveCountMax=5",
            "ClearAllForwardings=yes",
            "LogLevel=ERROR",
            "ControlPath=" + socket.map(path -> "\"" + path + "\"").orElse("none"))) {
      words.addAll(List.of("-o", option));
    }
    return words;
  }

  /** ssh replaces what stands behind a percent sign. */
  private static String literal(Path file) {
    return PathNames.textOf(file).replace("%", "%%");
  }
}
