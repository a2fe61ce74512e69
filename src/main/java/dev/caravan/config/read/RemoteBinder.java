package dev.caravan.config.read;

import static java.util.Objects.requireNonNull;

import dev.caravan.config.RemoteSettings;
import dev.caravan.config.Setting;
import dev.caravan.config.StorageSettings;
import dev.caravan.config.read.Binder.Derived;
import dev.caravan.config.read.Keys.Key;
import dev.caravan.config.read.Written.Field;
import dev.caravan.config.read.Written.Items;
import dev.caravan.config.read.Written.Table;
import dev.caravan.config.read.Written.Text;
import dev.caravan.config.read.text.Spelling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Binds the list of remotes: each by its provider, each with a name of its own. */
final class RemoteBinder {
  static final String PATH = "storage.remotes";

  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}";

  private final Binder binder;
  private final Values values;
  private final Findings findings;

  RemoteBinder(Binder binder, Values values, Findings findings) {
    this.binder = binder;
    this.values = values;
    this.findings = findings;
  }

  /**
   * The bound remotes, the paths of their tables, and how many were written, for not all of them
   * may have come through.
   */
  record Bound(List<RemoteSettings> remotes, List<String> paths, int written) {}

  /** A remote as written, with its provider and name. */
  private record Entry(String path, Table table, String provider, Optional<String> name) {}

  /**
   * The remotes of a storage section; the default ones when it has no such key.
   *
   * @param transfers objects moved at once, where a remote has no key of its own for that
   * @param far the same at a remote that may be far away
   */
  Bound bind(Table storage, int transfers, int far) {
    Field field = storage.fields().get("remotes");
    if (field == null) {
      return remotes((Items) defaults(), transfers, far);
    }
    findings.seen(PATH, field.origin());
    if (field.value() instanceof Items list) {
      return remotes(list, transfers, far);
    }
    findings.add(
        PATH, "is " + field.value().kind() + ", but a list belongs here", "write [] for none");
    return new Bound(List.of(), List.of(), 0);
  }

  private Bound remotes(Items list, int transfers, int far) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < list.items().size(); i++) {
      entry(list.items().get(i), PATH + "[" + i + "]").ifPresent(entries::add);
    }
    Set<String> taken = explicitNames(entries);
    List<RemoteSettings> remotes = new ArrayList<>();
    for (Entry entry : entries) {
      String name = entry.name().orElseGet(() -> unique(entry.provider(), taken));
      taken.add(name);
      boolean mayBeFar = entry.provider().equals("s3");
      remotes.add(remote(entry, name, mayBeFar ? far : transfers));
    }
    List<String> paths = entries.stream().map(Entry::path).toList();
    return new Bound(List.copyOf(remotes), paths, list.items().size());
  }

  private Optional<Entry> entry(Written written, String path) {
    findings.seen(path, written.origin());
    if (written.isNull()) {
      findings.add(path, "is empty", "write its provider and keys, or remove the dash");
      return Optional.empty();
    }
    Optional<Table> table = binder.table(written, path);
    if (table.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> provider = text(table.get(), "provider", path);
    if (provider.isEmpty()) {
      findings.check(true, path + ".provider", "is missing", "write one of " + known());
      return Optional.empty();
    }
    if (!Keys.providers().containsKey(provider.get())) {
      unknownProvider(provider.get(), path + ".provider");
      return Optional.empty();
    }
    Optional<String> name = text(table.get(), "name", path);
    return Optional.of(new Entry(path, table.get(), provider.get(), name));
  }

  private void unknownProvider(String provider, String key) {
    Optional<String> meant = Spelling.nearest(provider, Keys.providers().keySet());
    findings.add(
        key,
        "is not a known provider",
        meant.map(m -> "did you mean " + m + "?").orElse("write one of " + known()));
  }

  private Set<String> explicitNames(List<Entry> entries) {
    Set<String> names = new HashSet<>();
    for (Entry entry : entries) {
      String key = entry.path() + ".name";
      entry
          .name()
          .ifPresent(
              name -> {
                findings.check(
                    !name.matches(NAME),
                    key,
                    "is not a name for a remote",
                    "letters, digits, - and _, at most 64, beginning with a letter or digit");
                findings.check(
                    !names.add(name), key, "is the name of another remote", "choose another name");
              });
    }
    return names;
  }

  private static String unique(String provider, Set<String> taken) {
    String name = provider;
    for (int n = 2; taken.contains(name); n++) {
      name = provider + "-" + n;
    }
    return name;
  }

  private RemoteSettings remote(Entry entry, String name, int transfers) {
    Map<String, Derived> derived =
        Map.of(
            "name", bound -> name,
            "create", bound -> isDefaultPath(requireNonNull(bound.get("path"))),
            "transfers", bound -> transfers,
            "path_style",
                bound ->
                    ((Optional<?>) bound.getOrDefault("endpoint", Optional.empty())).isPresent());
    Class<? extends Record> type =
        requireNonNull(Keys.providers().get(entry.provider())).asSubclass(Record.class);
    return (RemoteSettings)
        binder.bind(type, entry.path(), entry.table(), derived, Set.of("provider", "name"));
  }

  /** Only the folder of the built-in remote is made when it is missing; see the contract. */
  private boolean isDefaultPath(Object path) {
    return ((Items) defaults())
        .items().stream()
            .map(item -> requireNonNull(((Table) item).fields().get("path")).value())
            .anyMatch(text -> values.absolute(Path.of(((Text) text).text())).equals(path));
  }

  private Optional<String> text(Table table, String name, String path) {
    Field field = table.fields().get(name);
    if (field == null) {
      return Optional.empty();
    }
    findings.seen(path + "." + name, field.origin());
    try {
      return values.text(field.value());
    } catch (BadValue e) {
      findings.add(path + "." + name, e.message(), e.hint());
      return Optional.empty();
    }
  }

  private static Written defaults() {
    Setting setting =
        Keys.of(StorageSettings.class, "storage.").stream()
            .filter(key -> key.path().equals(PATH))
            .map(Key::setting)
            .findFirst()
            .orElseThrow();
    return Binder.written(setting);
  }

  private static String known() {
    return String.join(", ", Keys.providers().keySet());
  }
}
