package dev.caravan.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The local tree.
 *
 * @param create only for the built-in default: make the folder when it is missing
 */
public record StoreSettings(
    @Setting(
            value = "The local tree that is mirrored.",
            def = "./data/store",
            aliases = "settings.data_path")
        Path path,
    @Setting(
            value =
                "State folder, relative to the store, or absolute (a read-only store needs it).",
            def = ".caravan")
        Path state,
    @Setting(value = "Files to mirror, Ant-style patterns.", def = "[\"**\"]") List<String> include,
    @Setting(
            value = "Files never uploaded, purged or deleted anywhere; wins over include.",
            def = "[]")
        List<String> exclude,
    @Setting(value = "How long a file must have been quiet before it is uploaded.", def = "2s")
        Duration settle,
    @Setting(value = "Follow changes as they happen; the scan stays the truth.", def = "true")
        boolean watch,
    @Setting(
            value = "How often the whole tree is compared with the catalog while watching.",
            def = "10m")
        Duration scanInterval,
    boolean create) {

  /** The state folder as an absolute path. */
  public Path stateFolder() {
    return path.resolve(state).toAbsolutePath().normalize();
  }
}
