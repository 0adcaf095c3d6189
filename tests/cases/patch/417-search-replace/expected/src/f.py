alpha
BETA
