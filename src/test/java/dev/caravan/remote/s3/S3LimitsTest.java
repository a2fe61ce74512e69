package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.s3.S3Abilities.PartGuard;
import org.junit.jupiter.api.Test;

class S3LimitsTest {

  private static final long MIB = 1L << 20;

  @Test
  void partsAreAsBigAsWishedWhileTenThousandOfThemHoldTheObject() {
    assertThat(S3Limits.partSize(160_000 * MIB, 16 * MIB)).isEqualTo(16 * MIB);
    assertThat(S3Limits.partSize(160_000 * MIB + 1, 16 * MIB)).isEqualTo(17 * MIB);
    long most = S3Limits.partSize(S3Limits.MAX_OBJECT, 5 * MIB);
    assertThat((S3Limits.MAX_OBJECT + most - 1) / most).isLessThanOrEqualTo(S3Limits.MAX_PARTS);
  }

  @Test
  void theCheapestGuardThatTheServerReallyChecksIsTaken() {
    S3Abilities all = new S3Abilities(true, true, true, true);
    assertThat(all.partGuard(true)).isEqualTo(PartGuard.CRC32C);
    assertThat(all.partGuard(false)).isEqualTo(PartGuard.SIGNATURE);
    S3Abilities onlyMd5 = new S3Abilities(true, false, false, true);
    assertThat(onlyMd5.partGuard(true)).isEqualTo(PartGuard.MD5);
    assertThat(new S3Abilities(false, false, false, false).partGuard(true))
        .isEqualTo(PartGuard.NONE);
  }

  @Test
  void whatChecksNothingProvesNothing() {
    assertThat(new S3Abilities(false, false, false, false).proof()).isEqualTo(Proof.SIZE_ONLY);
    assertThat(new S3Abilities(false, false, false, true).needsMd5()).isTrue();
    assertThat(new S3Abilities(false, false, true, true).needsMd5()).isFalse();
  }
}
