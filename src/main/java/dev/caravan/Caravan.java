package dev.caravan;

/** The entry point. */
public final class Caravan {
  private Caravan() {}

  public static void main(String[] args) {
    System.out.println("x");
  }
}
