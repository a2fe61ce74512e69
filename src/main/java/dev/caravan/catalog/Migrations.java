package dev.caravan.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Brings the schema to the version this Caravan knows, one numbered file after the other. */
final class Migrations {

  /** Marks the file as a Caravan catalog: "CRVN". */
  private static final int APPLICATION_ID = 0x4352564E;

  private static final List<String> FILES =
      List.of(
          "001-catalog.sql",
          "002-renames.sql",
          "003-alerts.sql",
          "004-keys.sql",
          "005-health.sql",
          "006-reads.sql",
          "007-check.sql",
          "008-exports.sql",
          "009-traits.sql",
          "010-arrivals.sql",
          "011-snapshots.sql",
          "012-parts.sql",
          "013-instead.sql");

  private Migrations() {}

  static void apply(Connection connection) throws SQLException {
    int version = pragma(connection, "user_version");
    int application = pragma(connection, "application_id");
    boolean isNew = version == 0 && application == 0 && !hasTables(connection);
    if (!isNew && application != APPLICATION_ID) {
      throw new CatalogException(
          CatalogException.Fault.CORRUPT, "the file is some other program's database", null);
    }
    if (version > FILES.size()) {
      throw new CatalogException(
          CatalogException.Fault.NEWER,
          "the catalog has schema %d, this Caravan knows %d: start the newer Caravan again"
              .formatted(version, FILES.size()),
          null);
    }
    for (int next = version; next < FILES.size(); next++) {
      migrate(connection, FILES.get(next), next + 1);
    }
  }

  private static boolean hasTables(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT 1 FROM sqlite_master LIMIT 1")) {
      return row.next();
    }
  }

  private static void migrate(Connection connection, String file, int version) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      for (String sql : withoutComments(read(file)).split(";")) {
        if (!sql.isBlank()) {
          statement.execute(sql);
        }
      }
      statement.execute("PRAGMA application_id = " + APPLICATION_ID);
      statement.execute("PRAGMA user_version = " + version);
      connection.commit();
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private static String withoutComments(String sql) {
    return sql.replaceAll("(?m)--.*$", "");
  }

  private static String read(String file) {
    try (InputStream in = Migrations.class.getResourceAsStream("/db/" + file)) {
      if (in == null) {
        throw new IllegalStateException("Migration " + file + " is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("Migration " + file + " cannot be read from the jar", e);
    }
  }

  private static int pragma(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA " + name)) {
      return row.next() ? row.getInt(1) : 0;
    }
  }
}
