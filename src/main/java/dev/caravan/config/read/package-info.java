/**
 * Reads the configuration file into the settings records, or tells every problem in it at once.
 *
 * <p>The way of a value: {@code YamlTree} keeps what was written and where, {@code Aliases} and
 * {@code Overrides} rearrange it, {@code Binder} turns it into records by their {@code @Setting}s,
 * and the rules look at what only shows between keys. No message repeats a value: the position says
 * where it is, and it may be a secret in the wrong place.
 */
@NullMarked
package dev.caravan.config.read;

import org.jspecify.annotations.NullMarked;
