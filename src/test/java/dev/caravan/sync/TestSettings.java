package dev.caravan.sync;

import dev.caravan.config.AlertSettings;
import dev.caravan.config.CheckSettings;
import dev.caravan.config.DgraphSettings;
import dev.caravan.config.HttpSettings;
import dev.caravan.config.LogSettings;
import dev.caravan.config.MaxDelete;
import dev.caravan.config.PurgeSettings;
import dev.caravan.config.RoutesSettings;
import dev.caravan.config.RunsSettings;
import dev.caravan.config.Settings;
import dev.caravan.config.StorageSettings;
import dev.caravan.config.StorageSettings.Deletes;
import dev.caravan.config.StoreSettings;
import dev.caravan.config.read.ConfigReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings with the defaults of the configuration, apart from what a test says. */
public record TestSettings(
    Path store, List<String> exclude, Duration settle, Deletes deletes, String maxDelete) {

  public static TestSettings of(Path store) {
    return new TestSettings(store, List.of(), Duration.ofSeconds(2), Deletes.TRASH, "10%");
  }

  public TestSettings excluding(List<String> patterns) {
    return new TestSettings(store, patterns, settle, deletes, maxDelete);
  }

  public TestSettings settling(Duration time) {
    return new TestSettings(store, exclude, time, deletes, maxDelete);
  }

  public TestSettings deleting(Deletes how) {
    return new TestSettings(store, exclude, settle, how, maxDelete);
  }

  public TestSettings deletingAtMost(String limit) {
    return new TestSettings(store, exclude, settle, deletes, limit);
  }

  public Settings settings() {
    return new Settings(
        storeSettings(),
        storageSettings(),
        new PurgeSettings(
            List.of("**"),
            List.of(),
            PurgeSettings.Order.OLDEST,
            Duration.ofHours(1),
            PurgeSettings.Copies.parse("all")),
        new CheckSettings(Duration.ZERO, 0),
        new HttpSettings("127.0.0.1", 0, Optional.empty(), false, false),
        new AlertSettings(
            Optional.empty(),
            AlertSettings.Format.SLACK,
            Optional.empty(),
            3,
            Optional.empty(),
            false),
        new RunsSettings(Duration.ofDays(90)),
        new RoutesSettings(store.resolve("routes"), false),
        new LogSettings(LogSettings.Format.TEXT, LogSettings.Level.INFO),
        List.of(),
        noDgraph(),
        Map.of());
  }

  private static DgraphSettings noDgraph() {
    return new ConfigReader(Map.of(), Path.of("nowhere"))
        .read(Optional.empty(), List.of())
        .settings()
        .orElseThrow()
        .dgraph();
  }

  StoreSettings storeSettings() {
    return new StoreSettings(
        store,
        Path.of(".caravan"),
        List.of("**"),
        exclude,
        settle,
        false,
        Duration.ofMinutes(10),
        false);
  }

  StorageSettings storageSettings() {
    return storageSettings(Duration.ofHours(1), Optional.empty());
  }

  StorageSettings storageSettings(Duration interval, Optional<String> cron) {
    return new StorageSettings(
        List.of(),
        interval,
        cron,
        16,
        Optional.empty(),
        deletes,
        Duration.ofDays(30),
        MaxDelete.parse(maxDelete),
        0);
  }
}
