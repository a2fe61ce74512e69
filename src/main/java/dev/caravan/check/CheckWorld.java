package dev.caravan.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.config.CheckSettings;
import dev.caravan.event.StorePath;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a check works on.
 *
 * @param admits whether the filters of the store admit a file
 * @param remotes those that are configured
 * @param refusal why nothing in the store must be looked at or written at this moment
 */
public record CheckWorld(
    Catalog catalog,
    StoreTree tree,
    Predicate<StorePath> admits,
    Supplier<List<CheckRemote>> remotes,
    Supplier<Optional<String>> refusal,
    Comeback comeback,
    Daily daily) {

  /**
   * What is done by itself.
   *
   * @param random chooses what is restored in the drill
   */
  public record Daily(CheckSettings settings, RandomGenerator random) {}

  /** Brings files back that are at the remotes only. */
  public interface Comeback {

    /**
     * Brings one file back; returns once it is in the store.
     *
     * @throws IOException when that cannot be, with the reason for people
     */
    void bring(StorePath path) throws IOException;

    /**
     * Brings exactly this version of a file to another place; neither the file itself nor the
     * catalog changes.
     *
     * @param from the only remote to ask
     * @param to where it appears whole or not at all, in a folder that exists
     * @throws IOException when that cannot be, with the reason for people
     */
    void fetch(FileRow row, String from, BooleanSupplier cancelled, Path to) throws IOException;
  }
}
