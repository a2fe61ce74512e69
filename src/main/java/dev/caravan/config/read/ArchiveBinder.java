package dev.caravan.config.read;

import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.read.Written.Field;
import dev.caravan.config.read.Written.Items;
import dev.caravan.config.read.Written.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Binds the list of archives. */
final class ArchiveBinder {
  static final String PATH = "archives";

  private final Binder binder;
  private final Findings findings;

  ArchiveBinder(Binder binder, Findings findings) {
    this.binder = binder;
    this.findings = findings;
  }

  /** The archives that are written; none when there is no such key. */
  List<ArchiveSettings> bind(Table root) {
    Field field = root.fields().get(PATH);
    if (field == null || field.value().isNull()) {
      return List.of();
    }
    findings.seen(PATH, field.origin());
    if (!(field.value() instanceof Items list)) {
      findings.add(
          PATH,
          "is " + field.value().kind() + ", but a list belongs here",
          "write a dash before each archive");
      return List.of();
    }
    List<ArchiveSettings> archives = new ArrayList<>();
    for (int i = 0; i < list.items().size(); i++) {
      Written item = list.items().get(i);
      String path = PATH + "[" + i + "]";
      findings.seen(path, item.origin());
      if (item.isNull()) {
        findings.add(path, "is empty", "write its name and keys, or remove the dash");
        continue;
      }
      binder.table(item, path).ifPresent(table -> archives.add(archive(table, path)));
    }
    return List.copyOf(archives);
  }

  private ArchiveSettings archive(Table table, String path) {
    return binder.bind(
        ArchiveSettings.class,
        path,
        table,
        Map.of("instance_id", bound -> "caravan-" + bound.get("name")),
        Set.of());
  }
}
