package dev.caravan.config.read;

import static java.util.Objects.requireNonNull;

import dev.caravan.config.AlertSettings;
import dev.caravan.config.CheckSettings;
import dev.caravan.config.DgraphSettings;
import dev.caravan.config.HttpSettings;
import dev.caravan.config.LogSettings;
import dev.caravan.config.PurgeSettings;
import dev.caravan.config.RoutesSettings;
import dev.caravan.config.RunsSettings;
import dev.caravan.config.Settings;
import dev.caravan.config.StorageSettings;
import dev.caravan.config.StoreSettings;
import dev.caravan.config.read.Binder.Derived;
import dev.caravan.config.read.Written.Field;
import dev.caravan.config.read.Written.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Binds the whole tree and lets the rules look at it. */
final class SettingsBinder {
  private static final String SETTINGS = "settings";

  private final Findings findings;
  private final Values values;
  private final Unknown unknown;
  private final Binder binder;
  private final RemoteBinder remoteBinder;

  SettingsBinder(Map<String, String> env, Path workingFolder, Findings findings) {
    this.findings = findings;
    this.values = new Values(env, workingFolder, findings);
    this.unknown = new Unknown(findings);
    this.binder = new Binder(values, findings, unknown);
    this.remoteBinder = new RemoteBinder(binder, values, findings);
  }

  /** Whatever may stand at the left margin of the file. */
  static List<String> topLevelKeys() {
    List<String> keys = new ArrayList<>(Keys.sections().keySet());
    keys.add(ArchiveBinder.PATH);
    keys.add(SETTINGS);
    keys.add(CamelKeys.NAME);
    return keys;
  }

  /** The settings; of use only when there were no findings. */
  Settings bind(Table root) {
    topLevel(root);
    List<RemoteBinder.Bound> remotes = new ArrayList<>();
    Settings settings =
        new Settings(
            bind(root, "store", StoreSettings.class, Map.of("create", this::isDefaultStore)),
            storage(section(root, "storage"), remotes),
            bind(root, "purge", PurgeSettings.class, Map.of()),
            bind(root, "check", CheckSettings.class, Map.of()),
            bind(root, "http", HttpSettings.class, Map.of()),
            bind(root, "alerts", AlertSettings.class, Map.of()),
            bind(root, "runs", RunsSettings.class, Map.of()),
            bind(root, "routes", RoutesSettings.class, Map.of()),
            bind(root, "log", LogSettings.class, Map.of()),
            new ArchiveBinder(binder, findings).bind(root),
            bind(root, "dgraph", DgraphSettings.class, Map.of("path_style", this::hasEndpoint)),
            new CamelKeys(findings).flatten(root));
    new ArchiveRules(findings, remotes.get(0).remotes()).check(settings.archives());
    new Rules(findings, remotes.get(0)).check(settings);
    return settings;
  }

  /** The storage section; how its remotes were bound is added to {@code remotes}. */
  private StorageSettings storage(Table storage, List<RemoteBinder.Bound> remotes) {
    Derived list =
        bound -> {
          Object written = bound.get("transfers");
          int transfers = written == null ? StorageSettings.USUAL_TRANSFERS : (int) written;
          int far = written == null ? StorageSettings.FAR_TRANSFERS : transfers;
          remotes.add(remoteBinder.bind(storage, transfers, far));
          return remotes.get(0).remotes();
        };
    Set<String> others = Set.of("remotes");
    Derived transfers = bound -> StorageSettings.USUAL_TRANSFERS;
    Map<String, Derived> derived = Map.of("remotes", list, "transfers", transfers);
    return binder.bind(StorageSettings.class, "storage", storage, derived, others);
  }

  private <R extends Record> R bind(
      Table root, String name, Class<R> type, Map<String, Derived> derived) {
    return binder.bind(type, name, section(root, name), derived, Set.of());
  }

  private Table section(Table root, String name) {
    Table nothing = new Table(root.origin(), new LinkedHashMap<>());
    Field field = root.fields().get(name);
    if (field == null) {
      return nothing;
    }
    findings.seen(name, field.origin());
    return binder.table(field.value(), name).orElse(nothing);
  }

  private void topLevel(Table root) {
    Table rest = root;
    for (Map.Entry<String, Field> entry : root.fields().entrySet()) {
      String key = entry.getKey();
      if (key.equals(SETTINGS)) {
        settings(entry.getValue());
      } else if (!key.equals(ArchiveBinder.PATH)
          && !Keys.sections().containsKey(key)
          && !CamelKeys.isOne(key)) {
        continue;
      }
      rest = rest.without(key);
    }
    unknown.report(rest, "", topLevelKeys());
  }

  /** What is left of the section after its keys, which are other names, have been moved away. */
  private void settings(Field field) {
    List<String> known =
        Keys.aliases().keySet().stream().map(a -> a.substring("settings.".length())).toList();
    binder.table(field.value(), "settings").ifPresent(t -> unknown.report(t, "settings", known));
  }

  private boolean hasEndpoint(Map<String, Object> bound) {
    return ((Optional<?>) bound.getOrDefault("endpoint", Optional.empty())).isPresent();
  }

  private boolean isDefaultStore(Map<String, Object> bound) {
    String def =
        Keys.of(StoreSettings.class, "store.").stream()
            .filter(key -> key.name().equals("path"))
            .map(key -> key.setting().def())
            .findFirst()
            .orElseThrow();
    return values.absolute(Path.of(def)).equals(requireNonNull(bound.get("path")));
  }
}
