package dev.caravan.catalog;

import java.util.Map;
import java.util.Optional;

/**
 * One file as it is shown to people and programs.
 *
 * @param state {@code local}, {@code synced}, {@code purged} or {@code failed}
 * @param copies by the remote's name
 */
public record FileView(
    String path,
    long sizeBytes,
    long modifiedNs,
    String state,
    Optional<String> sha256,
    Map<String, CopyView> copies) {

  /**
   * What one remote holds of it.
   *
   * @param state {@code pending}, {@code verified}, {@code failed}, or {@code sent}: the remote
   *     took it, but cannot show that it holds it
   * @param verifiedMillis 0 when it was never proven
   */
  public record CopyView(String state, long verifiedMillis, Optional<String> reason) {}
}
