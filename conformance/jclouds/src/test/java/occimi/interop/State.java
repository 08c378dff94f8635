package occimi.interop;

/** A state of a machine, in the words of Nova (as jclouds has them), OCCI and CIMI. */
enum State {
    RUNNING("ACTIVE", "active", "STARTED"),
    STOPPED("SHUTOFF", "inactive", "STOPPED"),
    SUSPENDED("SUSPENDED", "suspended", "SUSPENDED"),
    PAUSED("PAUSED", "suspended", "PAUSED"),
    GONE(State.NOWHERE, State.NOWHERE, State.NOWHERE);

    /** What an observer says of a machine that is not there. */
    static final String NOWHERE = "(gone)";

    private final String nova;
    private final String occi;
    private final String cimi;

    State(String nova, String occi, String cimi) {
        this.nova = nova;
        this.occi = occi;
        this.cimi = cimi;
    }

    /** The observer's word for the state. */
    String said(Observer by) {
        if (by instanceof Jclouds) {
            return nova;
        }
        return by instanceof Occi ? occi : cimi;
    }
}
