package dev.caravan.snapshot.move;

import dev.caravan.config.MaxDelete;
import java.util.Optional;

/** Says when a backup must not be made as asked, because the source is not what it was. */
final class HaltPlanner {

  private HaltPlanner() {}

  /**
   * Why nothing at all may be changed; empty when nothing speaks against it.
   *
   * @param deletes true when the backup would lose what the source has no more
   */
  static Optional<String> halt(Survey survey, boolean deletes, MaxDelete most, String source) {
    boolean anything = survey.gone() <= most.limit(survey.known()) && most.percent() == 100;
    if (survey.known() > 0 && survey.files() == 0 && !anything) {
      return Optional.of(
          ("halted: %s holds no file, and the last backup holds %d; nothing was changed. Is the"
                  + " right volume mounted? If it was emptied on purpose, run once with"
                  + " MAX_DELETE=100%%")
              .formatted(source, survey.known()));
    }
    if (deletes && survey.gone() > most.limit(survey.known())) {
      return Optional.of(
          ("halted: %d of the %d files of the last backup are gone from %s, more than MAX_DELETE=%s"
                  + " allows; nothing was changed. Is the right volume mounted? If they were"
                  + " deleted on purpose, run once with MAX_DELETE=100%%, or with"
                  + " DELETE_EXTRANEOUS=false")
              .formatted(survey.gone(), survey.known(), source, most));
    }
    return Optional.empty();
  }

  /** True when a source lost so much that older snapshots may be wanted soon. */
  static boolean isShrunken(Survey survey, MaxDelete most) {
    return survey.gone() > most.limit(survey.known());
  }
}
