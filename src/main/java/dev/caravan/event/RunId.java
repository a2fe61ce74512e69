package dev.caravan.event;

/** Names one run. Sorts by the time the run was asked for. */
public record RunId(String value) {
  public RunId {
    if (!value.matches("[A-Za-z0-9-]{1,64}")) {
      throw new IllegalArgumentException(
          "Run id '" + value + "' is not made of letters, digits, -");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
