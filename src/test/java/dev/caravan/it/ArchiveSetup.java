package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.caravan.archive.queue.QueueFile;
import dev.caravan.lab.SshServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** A daemon with archives and nothing else, whose producers write to the database themselves. */
final class ArchiveSetup {

  private final Path folder;
  private final CaravanSetup caravan;
  private final StringBuilder archives = new StringBuilder();

  private ArchiveSetup(Path folder) {
    this.folder = folder;
    this.caravan = CaravanSetup.in(folder);
  }

  static ArchiveSetup in(Path folder) throws IOException {
    ArchiveSetup setup = new ArchiveSetup(folder);
    Files.createDirectories(folder.resolve("store"));
    return setup;
  }

  /** An archive that goes through the server to a folder of its own. */
  ArchiveSetup archive(String name, SshServer server, String... more) throws IOException {
    Files.createDirectories(at(name));
    archives.append(
        """
          - name: %s
            remote_basedir: %s
            db_path: %s
            ssh_host: %s@127.0.0.1
            ssh_key: %s
            known_hosts: %s
            sleep_time: 0.2
            suprsync_file_root: %s
            instance_id: inst
        """
            .formatted(
                name,
                at(name),
                queue(),
                System.getProperty("user.name"),
                server.file("id"),
                server.file("known_hosts"),
                folder.resolve("finalized")));
    if (Arrays.stream(more).noneMatch(line -> line.startsWith("ssh_port"))) {
      archives.append("    ssh_port: %d%n".formatted(server.port(SshServer.Door.SHELL)));
    }
    for (String line : more) {
      archives.append("    ").append(line).append('\n');
    }
    return this;
  }

  /** An archive with settings of the test's own. */
  ArchiveSetup plain(String name, String... lines) throws IOException {
    Files.createDirectories(at(name));
    archives.append("  - name: %s\n    db_path: %s\n".formatted(name, queue()));
    for (String line : lines) {
      archives.append("    ").append(line).append('\n');
    }
    return this;
  }

  CaravanSetup caravan() {
    return caravan.config(
        """
        store: {path: %s, watch: false}
        storage: {remotes: []}
        archives:
        %s"""
            .formatted(folder.resolve("store"), archives));
  }

  Path queue() {
    return folder.resolve("queue.db");
  }

  Path at(String archive) {
    return folder.resolve("at-" + archive);
  }

  Path data(String name) {
    return folder.resolve("data").resolve(name);
  }

  Connection connect() throws SQLException {
    return connect(queue());
  }

  private static Connection connect(Path file) throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 5000");
    }
    return connection;
  }

  /** Registers a file as the Python package does. */
  void register(Connection connection, String archive, byte[] local, byte[] remote, byte[] content)
      throws Exception {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO supersync_v0 (local_path, local_md5sum, archive_name, remote_path,"
                + " timestamp, failed_copy_attempts, deletable, ignore)"
                + " VALUES (CAST(? AS TEXT), ?, ?, CAST(? AS TEXT), ?, 0, 1, 0)")) {
      insert.setBytes(1, local);
      insert.setString(2, md5(content));
      insert.setString(3, archive);
      insert.setBytes(4, remote);
      insert.setDouble(5, Clock.systemUTC().millis() / 1000.0);
      insert.executeUpdate();
    }
  }

  void register(Connection connection, String archive, Path local, String remote) throws Exception {
    register(
        connection,
        archive,
        local.toString().getBytes(UTF_8),
        remote.getBytes(UTF_8),
        Files.readAllBytes(local));
  }

  static String md5(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
  }

  long number(String question) {
    return Long.parseLong(texts(question).get(0));
  }

  List<String> texts(String question) {
    return texts(queue(), question);
  }

  static List<String> texts(Path file, String question) {
    List<String> found = new ArrayList<>();
    try (Connection connection = connect(file);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(question)) {
      while (rows.next()) {
        found.add(String.valueOf(rows.getString(1)));
      }
      return found;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes the database, before any daemon. */
  void makeQueue() throws IOException {
    QueueFile.open(queue()).close();
  }
}
