package dev.caravan.config;

import java.nio.file.Path;

/** The operator's own Camel routes. */
public record RoutesSettings(
    @Setting(
            value = "Folder of *.camel.yaml files; one of the same name replaces a bundled file.",
            def = "config/routes")
        Path path,
    @Setting(value = "Reload changed files while running.", def = "true") boolean reload) {}
