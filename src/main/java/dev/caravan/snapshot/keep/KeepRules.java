package dev.caravan.snapshot.keep;

/**
 * Which snapshots stay: one stays when any of these rules keeps it. 0 switches a rule off; where
 * all are off, every snapshot stays.
 *
 * @param days those that are younger than so many days
 * @param last the newest so many
 * @param daily the newest of each of the last so many days (UTC) that have one
 * @param weekly the same of weeks, which begin on Monday
 * @param monthly the same of months
 */
public record KeepRules(int days, int last, int daily, int weekly, int monthly) {

  /** Keeps all. */
  public static final KeepRules ALL = new KeepRules(0, 0, 0, 0, 0);

  public KeepRules {
    if (days < 0 || last < 0 || daily < 0 || weekly < 0 || monthly < 0) {
      throw new IllegalArgumentException("a rule cannot keep less than nothing");
    }
  }

  /** True when nothing is ever removed. */
  public boolean keepsAll() {
    return equals(ALL);
  }
}
