declare global {
  namespace App {
    interface PageState {
      /** A dialog is open: the back key closes it. */
      dialog?: string;
    }
  }
}

export {};
